/// A value of JSON without structure; of an array or object, that it is one.
enum JSONScalar: Equatable, Sendable {
    case null
    case bool(Bool)
    case string(String)
    case number(JSONNumber)
    case array
    case object
}

/// A number as it was written (RFC 8259 §6): which type it becomes is for whoever knows what it means to say.
struct JSONNumber: Equatable, Sendable {
    let text: String

    /// Reads text that is one number; `nil` where it is anything else.
    init?(_ text: String) {
        var reader = JSONReader(Array(text.utf8))
        guard case .number(let number) = try? reader.scalar(), (try? reader.end()) != nil else { return nil }
        self = number
    }

    fileprivate init(text: String) { self.text = text }

    /// The nearest double; infinite beyond the greatest.
    var double: Double? { Double(text) }

    var integer: Int? { Int(text) ?? whole.map { Int($0) } }

    /// Exact up to 2⁶⁴ − 1, which a double is not.
    var unsigned: UInt64? { UInt64(text) ?? whole.flatMap { UInt64(exactly: $0) } }

    /// The value of text such as `1e3`, as far as doubles have all whole numbers.
    private var whole: Double? {
        guard let double, abs(double) <= 0x1p53, double.rounded() == double else { return nil }
        return double
    }
}

extension JSONReader {
    /// Of longer strings and numbers only the beginning is taken, and marked with an ellipsis: a value can be as long as
    /// the body, and none that is of use is. The mark makes it no number.
    static let maximumScalarBytes = 1024

    /// Takes the value that comes next.
    mutating func scalar() throws(JSONError) -> JSONScalar {
        switch try kind() {
        case .string:
            let string = try string()
            return .string(Self.excerpt(Array(utf8(of: string).prefix(Self.maximumScalarBytes + 1))[...]))
        case .number:
            let start = index
            try skip()
            return .number(JSONNumber(text: Self.excerpt(bytes[start..<index])))
        case .literal:
            let first = current
            try skip()
            return first == UInt8(ascii: "n") ? .null : .bool(first == UInt8(ascii: "t"))
        case .array:
            try skip()
            return .array
        case .object:
            try skip()
            return .object
        }
    }

    private static func excerpt(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.count <= maximumScalarBytes
            ? String(decoding: bytes, as: UTF8.self)
            : String(decoding: bytes.prefix(maximumScalarBytes), as: UTF8.self) + "…"
    }
}
