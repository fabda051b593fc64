/// Reads JSON text (RFC 8259) forward, value by value, without a tree and without memory of its own: what a caller
/// does not take costs only the time to check it. Text that is no JSON is found where the reader comes by.
struct JSONReader {
    enum Kind {
        case object
        case array
        case string
        case number
        case literal
    }

    let bytes: [UInt8]
    var index = 0
    /// Right after the bracket that opens an object or array: its first element has no comma before it.
    private var isFirst = false

    /// - Parameter bytes: UTF-8, with or without a byte order mark (RFC 8259 §8.1 lets a reader ignore it).
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    /// The next byte; at the end a zero, which no JSON text may have anywhere.
    var current: UInt8 { index < bytes.count ? bytes[index] : 0 }

    /// What kind of value comes next.
    @inline(__always)  // as below: 40 MB of zeros take 70 ms, and 120 ms by calls
    mutating func kind() throws(JSONError) -> Kind {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case .quote: return .string
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): return .literal
        default: throw failure("a value")
        }
    }

    /// Goes into the object that comes next; ``nextName()`` then takes its members one by one.
    mutating func beginObject() throws(JSONError) { try begin(UInt8(ascii: "{")) }

    /// The name of the object's next member, whose value the caller then reads; `nil` after the last one.
    mutating func nextName() throws(JSONError) -> JSONString? {
        guard try hasNext(before: UInt8(ascii: "}")) else { return nil }
        skipSpace()
        let name = try string()
        skipSpace()
        try take(UInt8(ascii: ":"))
        return name
    }

    /// Goes into the array that comes next; ``nextElement()`` then says whether there is another value in it.
    mutating func beginArray() throws(JSONError) { try begin(UInt8(ascii: "[")) }

    mutating func nextElement() throws(JSONError) -> Bool { try hasNext(before: UInt8(ascii: "]")) }

    /// Checks that nothing but white space follows.
    mutating func end() throws(JSONError) {
        skipSpace()
        guard index == bytes.count else { throw failure("nothing more") }
    }

    @inline(__always)
    mutating func skipSpace() {
        guard current <= 32 else { return }  // mostly there is none
        while current == 32 || current == 10 || current == 13 || current == 9 { index += 1 }
    }

    mutating func take(_ byte: UInt8) throws(JSONError) {
        guard current == byte else { throw failure("'\(Unicode.Scalar(byte))'") }
        index += 1
    }

    func failure(_ expected: String) -> JSONError { JSONError(offset: index, expected: expected) }

    private mutating func begin(_ bracket: UInt8) throws(JSONError) {
        skipSpace()
        try take(bracket)
        isFirst = true
    }

    @inline(__always)
    private mutating func hasNext(before bracket: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        let wasFirst = isFirst
        isFirst = false
        if current == bracket {
            index += 1
            return false
        }
        if !wasFirst {
            guard current == UInt8(ascii: ",") else { throw failure("',' or '\(Unicode.Scalar(bracket))'") }
            index += 1
        }
        return true
    }
}

extension UInt8 {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
}

extension [UInt8] {
    /// Whether the first byte that is no white space opens an object or an array.
    var beginsAsJSON: Bool {
        guard let first = first(where: { ![32, 10, 13, 9].contains($0) }) else { return false }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }
}
