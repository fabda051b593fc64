/// A header field's value with its parameters, such as `form-data; name="a"; filename="b.jpg"` (RFC 9110 §5.6.6).
package struct ParameterizedValue: Sendable {
    /// What stands before the first `;`, in lower case.
    package let value: String
    private let parameters: [(name: String, value: [UInt8])]

    /// The value of the parameter of that name, which is given in lower case. What of it is no UTF-8 becomes U+FFFD.
    package subscript(name: String) -> String? { bytes(of: name).map { String(decoding: $0, as: UTF8.self) } }

    /// The value as it came, for whom U+FFFD will not do.
    func bytes(of name: String) -> [UInt8]? { parameters.first { $0.name == name }?.value }

    /// Reads a field's value; `nil` where a quoted string has no end, a parameter has no `=`, or a name comes twice:
    /// two readers that disagree on which of the two counts are how filters are passed.
    package init?(_ bytes: some Collection<UInt8>) {
        var scanner = ParameterScanner(bytes)
        let value = scanner.untilSemicolon()
        guard !value.isEmpty else { return nil }
        self.value = String(decoding: value, as: UTF8.self).lowercased()
        var parameters: [(name: String, value: [UInt8])] = []
        while scanner.skipSemicolons() {
            guard let (name, value) = scanner.parameter(), !parameters.contains(where: { $0.name == name }) else {
                return nil
            }
            parameters.append((name, value))
        }
        self.parameters = parameters
    }
}

private struct ParameterScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }

    /// What stands before the next `;` or the end, without the white space around it.
    mutating func untilSemicolon() -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: ";") { position += 1 }
        return trimmed(bytes[start..<position])
    }

    /// Moves over `;` and white space; false at the end or where something else stands.
    mutating func skipSemicolons() -> Bool {
        while position < bytes.count, bytes[position] == UInt8(ascii: ";") || bytes[position].isBlank { position += 1 }
        return position < bytes.count
    }

    /// `name=token` or `name="quoted string"`, the name in lower case.
    mutating func parameter() -> (name: String, value: [UInt8])? {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "="), bytes[position] != UInt8(ascii: ";") {
            position += 1
        }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else { return nil }
        let name = String(decoding: trimmed(bytes[start..<position]), as: UTF8.self).lowercased()
        guard !name.isEmpty else { return nil }
        position += 1
        while position < bytes.count, bytes[position].isBlank { position += 1 }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            return (name, Array(untilSemicolon()))
        }
        return quotedString().map { (name, $0) }
    }

    /// A quoted string and what follows it up to the next `;`, which must be white space. Only `\"` and `\\` are
    /// escapes: some browsers send `C:\photos\cat.jpg` as it is, and RFC 7578 §4.2 has no rule against it.
    private mutating func quotedString() -> [UInt8]? {
        var content: [UInt8] = []
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count,
                bytes[position + 1] == UInt8(ascii: "\"") || bytes[position + 1] == UInt8(ascii: "\\")
            {
                position += 1
            }
            content.append(bytes[position])
            position += 1
        }
        guard position < bytes.count else { return nil }
        position += 1
        return untilSemicolon().isEmpty ? content : nil
    }

    private func trimmed(_ slice: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = slice.drop(while: \.isBlank)
        return start.lastIndex { !$0.isBlank }.map { start[...$0] } ?? []
    }
}

extension UInt8 {
    /// White space within a line: SP or HTAB.
    var isBlank: Bool { self == 0x20 || self == 0x09 }
}
