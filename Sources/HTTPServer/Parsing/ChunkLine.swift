/// `chunk-size [ chunk-ext ]`, the line before a chunk (RFC 9112 section 7.1), without its CR LF.
struct ChunkLine {
    /// `nil` where no `Int` holds it.
    let size: Int?
    /// Bytes of the extensions, which are checked and ignored.
    let extensionLength: Int

    init(_ line: [UInt8]) throws(ProtocolError) {
        let digits = line.prefix { $0.hexadecimalDigit != nil }
        guard !digits.isEmpty else {
            throw .badRequest(.malformedChunkSize, "expected a chunk's size in hexadecimal digits")
        }
        size = digits.reduce(0) { sum, digit in
            guard let sum, sum <= Int.max >> 4 else { return nil }
            return sum << 4 | Int(digit.hexadecimalDigit ?? 0)
        }
        let rest = line.dropFirst(digits.count)
        extensionLength = rest.count
        guard Self.areExtensions(rest) else {
            throw .badRequest(
                .malformedChunkExtension,
                "expected the end of the line or ';name' or ';name=value' after a chunk's size")
        }
    }

    /// `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )` (RFC 9112 section 7.1.1).
    private static func areExtensions(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            rest = rest.drop(while: \.isBlank)
            guard rest.popFirst() == UInt8(ascii: ";") else { return false }
            rest = rest.drop(while: \.isBlank)
            guard skipToken(&rest) else { return false }
            let next = rest.drop(while: \.isBlank)
            guard next.first == UInt8(ascii: "=") else { continue }
            rest = next.dropFirst().drop(while: \.isBlank)
            guard rest.first == UInt8(ascii: "\"") ? skipQuotedString(&rest) : skipToken(&rest) else { return false }
        }
        return true
    }

    private static func skipToken(_ rest: inout ArraySlice<UInt8>) -> Bool {
        let after = rest.drop(while: \.isTokenByte)
        defer { rest = after }
        return after.count < rest.count
    }

    /// RFC 9110 section 5.6.4; `rest` begins with the quote.
    private static func skipQuotedString(_ rest: inout ArraySlice<UInt8>) -> Bool {
        _ = rest.popFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return true }
            guard byte.isFieldByte else { return false }
            guard byte == UInt8(ascii: "\\") else { continue }
            guard rest.popFirst()?.isFieldByte == true else { return false }
        }
        return false
    }
}
