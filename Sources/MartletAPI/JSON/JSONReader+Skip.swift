extension JSONReader {
    /// Values inside one that is skipped may be nested this deep: as many as the bits of a word.
    static let maximumDepth = UInt64.bitWidth

    /// Checks the value that comes next and goes past it. Takes no memory, and no stack however deep the nesting.
    mutating func skip() throws(JSONError) {
        var depth = 0
        /// One bit for each level, the innermost lowest: whether it is an object.
        var objects: UInt64 = 0
        repeat {
            switch try kind() {
            case .object:
                try descend(&depth)
                objects = objects << 1 | 1
                try beginObject()
            case .array:
                try descend(&depth)
                objects <<= 1
                try beginArray()
            case .string: _ = try string()
            case .number: try skipNumber()
            case .literal: try skipLiteral()
            }
            while depth > 0 {
                if try objects & 1 == 1 ? nextName() != nil : nextElement() { break }
                depth -= 1
                objects >>= 1
            }
        } while depth > 0
    }

    private func descend(_ depth: inout Int) throws(JSONError) {
        guard depth < Self.maximumDepth else { throw failure("at most \(Self.maximumDepth) levels of nesting") }
        depth += 1
    }

    private mutating func skipLiteral() throws(JSONError) {
        switch current {
        case UInt8(ascii: "t"): try take("true")
        case UInt8(ascii: "f"): try take("false")
        default: try take("null")
        }
    }

    private mutating func take(_ word: String) throws(JSONError) {
        for byte in word.utf8 {
            guard current == byte else { throw failure("true, false or null") }
            index += 1
        }
    }

    /// RFC 8259 §6: `[ minus ] int [ frac ] [ exp ]`.
    private mutating func skipNumber() throws(JSONError) {
        if current == UInt8(ascii: "-") { index += 1 }
        if current == UInt8(ascii: "0") { index += 1 } else { try skipDigits() }
        if current == UInt8(ascii: ".") {
            index += 1
            try skipDigits()
        }
        if current | 32 == UInt8(ascii: "e") {
            index += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = index
        while current >= UInt8(ascii: "0"), current <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw failure("a digit") }
    }
}
