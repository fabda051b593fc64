/// Reads little-endian fields one after another from a part of an HDF5 file; one that does not fit is an error.
struct HDF5Cursor {
    private let bytes: FileBytes
    private(set) var offset = 0
    /// For error messages.
    let location: String

    init(_ bytes: FileBytes, _ location: String) {
        self.bytes = bytes
        self.location = location
    }

    var remaining: Int { bytes.count - offset }

    mutating func take(_ count: Int) throws(ModelFormatError) -> FileBytes {
        guard (0...remaining).contains(count) else {
            throw malformed(expected: "\(count) bytes more", found: "\(remaining)")
        }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    mutating func skip(_ count: Int) throws(ModelFormatError) { _ = try take(count) }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(ModelFormatError) -> T {
        try take(MemoryLayout<T>.size).littleEndian(at: 0, as: type)
    }

    mutating func byte() throws(ModelFormatError) -> Int { Int(try integer(UInt8.self)) }

    /// An address in the file; ``HDF5File/undefinedAddress`` where there is none.
    mutating func address() throws(ModelFormatError) -> UInt64 { try integer(UInt64.self) }

    /// A 64-bit size or extent.
    mutating func length() throws(ModelFormatError) -> Int {
        let value = try integer(UInt64.self)
        guard let length = Int(exactly: value) else {
            throw malformed(expected: "a size below 2^63", found: "\(value)")
        }
        return length
    }

    mutating func signature(_ expected: String) throws(ModelFormatError) {
        let found = try take(expected.utf8.count).copy
        guard found == Array(expected.utf8) else {
            throw malformed(expected: "signature '\(expected)'", found: "bytes \(found)")
        }
    }

    func malformed(expected: String, found: String) -> ModelFormatError {
        bytes.malformed(location, expected: expected, found: found)
    }

    func unsupported(found: String, supported: String) -> ModelFormatError {
        bytes.unsupported(location, found: found, supported: supported)
    }
}
