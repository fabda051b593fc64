import Foundation
import GRDB
import Service

/// The forms in which records are in the tables.
extension Row {
    func date(_ column: String) -> Date { Date(milliseconds: self[column]) }

    func optionalDate(_ column: String) -> Date? { (self[column] as Int64?).map(Date.init(milliseconds:)) }

    func digest(_ column: String) throws -> ContentDigest {
        try valid(ContentDigest(bytes: self[column] as Data), column)
    }

    func choice<T: RawRepresentable>(_ column: String, of type: T.Type = T.self) throws -> T
    where T.RawValue == String {
        try valid(T(rawValue: self[column]), column)
    }

    func json<T: Decodable>(_ column: String, as type: T.Type = T.self) throws -> T {
        try JSONDecoder().decode(T.self, from: self[column])
    }

    private func valid<T>(_ value: T?, _ column: String) throws -> T {
        guard let value else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "column '\(column)' has a value that is not known")
        }
        return value
    }
}

extension Date {
    fileprivate init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }

    /// Since 1970.
    var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }
}

extension ContentDigest {
    var data: Data { Data(bytes) }
}

extension Data {
    /// Itself, where one value of SQLite's may be as long (https://www.sqlite.org/limits.html, SQLITE_MAX_LENGTH).
    func checkingSize() throws(StoreError) -> Data {
        guard count <= 1_000_000_000 else { throw .tooLarge }
        return self
    }
}
