/// Reads the few tokens of Python that an `.npy` header may have.
struct NumPyHeaderScanner {
    private let bytes: FileBytes
    private var position = 0

    init(_ bytes: FileBytes) { self.bytes = bytes }

    /// Passes `character` if it is next, after white space.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(ModelFormatError) {
        guard skip(character) else { throw malformed("'\(character)'") }
    }

    mutating func expectEnd() throws(ModelFormatError) {
        skipSpace()
        guard position == bytes.count else { throw malformed("nothing but white space after the dictionary") }
    }

    /// A string literal without escapes.
    mutating func string() throws(ModelFormatError) -> String {
        let quote: Unicode.Scalar = skip("'") ? "'" : "\""
        if quote == "\"" { try expect(quote) }
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: quote) { position += 1 }
        guard position < bytes.count, let text = bytes[start..<position].string else { throw malformed("a string") }
        position += 1
        return text
    }

    mutating func bool() throws(ModelFormatError) -> Bool {
        skipSpace()
        for (literal, value) in [("True", true), ("False", false)] {
            let end = position + literal.utf8.count
            if end <= bytes.count, bytes[position..<end].string == literal {
                position = end
                return value
            }
        }
        throw malformed("True or False")
    }

    /// A tuple of integers of at least 0; one alone has a comma after it.
    mutating func tuple() throws(ModelFormatError) -> [Int] {
        var extents: [Int] = []
        try expect("(")
        while !skip(")") {
            extents.append(try integer())
            guard skip(",") else {
                guard extents.count > 1 else { throw malformed("','") }
                try expect(")")
                break
            }
        }
        return extents
    }

    private mutating func integer() throws(ModelFormatError) -> Int {
        skipSpace()
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        guard let text = bytes[start..<position].string, let value = Int(text) else { throw malformed("an integer") }
        return value
    }

    private mutating func skipSpace() {
        while position < bytes.count, [UInt8(ascii: " "), UInt8(ascii: "\n")].contains(bytes[position]) {
            position += 1
        }
    }

    private func malformed(_ expected: String) -> ModelFormatError {
        let rest = bytes[position..<min(position + 20, bytes.count)]
        return bytes.malformed(
            "header, character \(position)", expected: expected,
            found: rest.count == 0 ? "its end" : (rest.string ?? "other bytes").quoted)
    }
}
