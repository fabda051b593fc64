/// Where a string stands in JSON text: the bytes between its quotes, already checked.
struct JSONString {
    let range: Range<Int>
    let hasEscapes: Bool
}

extension JSONReader {
    /// Takes the string that comes next: UTF-8 without control characters, with the escapes of RFC 8259 §7.
    mutating func string() throws(JSONError) -> JSONString {
        try take(.quote)
        let start = index
        var hasEscapes = false
        while true {
            switch current {
            case .quote:
                index += 1
                return JSONString(range: start..<index - 1, hasEscapes: hasEscapes)
            case .backslash:
                hasEscapes = true
                try skipEscape()
            case 0..<0x20: throw failure("the rest of a string, without control characters")
            case 0x80...: try skipScalar()
            default: index += 1
            }
        }
    }

    /// The UTF-8 bytes that `string` stands for.
    func utf8(of string: JSONString) -> UnescapedBytes { UnescapedBytes(bytes, string.range) }

    func text(of string: JSONString) -> String { String(decoding: Array(utf8(of: string)), as: UTF8.self) }

    /// The beginning of the text, for messages: a name can be as long as the body.
    func excerpt(of string: JSONString) -> String {
        String(String(decoding: Array(utf8(of: string).prefix(400)), as: UTF8.self).prefix(80))
    }

    private mutating func skipEscape() throws(JSONError) {
        index += 1
        guard current == UInt8(ascii: "u") else {
            guard current.escaped != nil else { throw failure("an escape of JSON after '\\'") }
            index += 1
            return
        }
        let unit = try takeCodeUnit()
        if 0xDC00...0xDFFF ~= unit { throw failure("the first half of a surrogate pair before its second") }
        guard 0xD800...0xDBFF ~= unit else { return }
        guard current == .backslash, index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u") else {
            throw failure("the second half of a surrogate pair")
        }
        index += 1
        guard 0xDC00...0xDFFF ~= (try takeCodeUnit()) else { throw failure("the second half of a surrogate pair") }
    }

    /// `u` and four hexadecimal digits.
    private mutating func takeCodeUnit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            index += 1
            guard let digit = current.hexadecimalDigit else { throw failure("four hexadecimal digits after '\\u'") }
            unit = unit << 4 | UInt32(digit)
        }
        index += 1
        return unit
    }

    /// A scalar of more than one byte, well formed by table 3-7 of the Unicode Standard.
    private mutating func skipScalar() throws(JSONError) {
        let (count, second): (Int, ClosedRange<UInt8>) =
            switch current {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: throw failure("UTF-8")
            }
        guard bytes.count - index >= count, second.contains(bytes[index + 1]) else { throw failure("UTF-8") }
        for continuation in index + 2..<index + count {
            guard bytes[continuation] & 0xC0 == 0x80 else { throw failure("UTF-8") }
        }
        index += count
    }
}

/// The bytes of a JSON string that has been checked, with its escapes resolved one by one as they are asked for.
struct UnescapedBytes: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var index: Int
    private let end: Int
    /// What is left of an escaped scalar, its next byte lowest.
    private var pending: UInt32 = 0

    fileprivate init(_ bytes: [UInt8], _ range: Range<Int>) {
        (self.bytes, index, end) = (bytes, range.lowerBound, range.upperBound)
    }

    mutating func next() -> UInt8? {
        if pending != 0 {
            defer { pending >>= 8 }
            return UInt8(truncatingIfNeeded: pending)
        }
        guard index < end else { return nil }
        defer { index += 1 }
        guard bytes[index] == .backslash else { return bytes[index] }
        index += 1
        guard bytes[index] == UInt8(ascii: "u") else { return bytes[index].escaped }
        return escapedScalar()
    }

    /// Leaves the index at the escape's last digit.
    private mutating func escapedScalar() -> UInt8? {
        var value = codeUnit()
        if 0xD800...0xDBFF ~= value {
            index += 2
            value = 0x10000 + (value - 0xD800) << 10 + (codeUnit() - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { return nil }
        var encoded = UTF8.encode(scalar)?.makeIterator()
        let first = encoded?.next()
        for shift: UInt32 in [0, 8, 16] {
            if let byte = encoded?.next() { pending |= UInt32(byte) << shift }
        }
        return first
    }

    private mutating func codeUnit() -> UInt32 {
        index += 4
        return bytes[index - 3...index].reduce(0) { $0 << 4 | UInt32($1.hexadecimalDigit ?? 0) }
    }
}

extension UInt8 {
    /// What a backslash and this letter stand for.
    fileprivate var escaped: UInt8? {
        switch self {
        case .quote, .backslash, UInt8(ascii: "/"): self
        case UInt8(ascii: "b"): 8
        case UInt8(ascii: "f"): 12
        case UInt8(ascii: "n"): 10
        case UInt8(ascii: "r"): 13
        case UInt8(ascii: "t"): 9
        default: nil
        }
    }
}
