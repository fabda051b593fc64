/// Reads as much of YAML as openapi.yaml uses: blocks by their indentation, `{}` and `[]` on one line, `"…"` without
/// escapes, plain scalars, and `|`. Anything else is an error.
struct YAMLReader {
    struct SyntaxError: Error {
        let line: Substring
    }

    private var lines: [(indentation: Int, text: Substring)]
    private var position = 0

    static func value(of text: String) throws -> JSONValue {
        var reader = YAMLReader(text)
        let value = try reader.block()
        if reader.position < reader.lines.count { throw SyntaxError(line: reader.lines[reader.position].text) }
        return value
    }

    private init(_ text: String) {
        lines = text.split(separator: "\n").compactMap { line in
            let text = line.drop { $0 == " " }
            return text.isEmpty ? nil : (line.count - text.count, text)
        }
    }

    /// The lines from here on with the indentation of the first.
    private mutating func block() throws -> JSONValue {
        let indentation = lines[position].indentation
        var (members, elements): ([String: JSONValue], [JSONValue]) = ([:], [])
        while position < lines.count, lines[position].indentation == indentation {
            let text = lines[position].text
            if text.hasPrefix("- ") {
                let element = text.dropFirst(2)
                if try key(of: element) != nil {
                    lines[position] = (indentation + 2, element)
                    elements.append(try block())
                } else {
                    position += 1
                    elements.append(try flow(element))
                }
            } else {
                guard let (key, rest) = try key(of: text), members[key] == nil else { throw SyntaxError(line: text) }
                position += 1
                members[key] = try value(rest, below: indentation)
            }
        }
        guard members.isEmpty || elements.isEmpty else { throw SyntaxError(line: lines[position - 1].text) }
        return members.isEmpty ? .array(elements) : .object(members)
    }

    /// What follows a key: in its line or in the lines below it.
    private mutating func value(_ text: Substring, below indentation: Int) throws -> JSONValue {
        if text == "|" {
            var literal = ""
            while position < lines.count, lines[position].indentation > indentation {
                literal += lines[position].text + "\n"
                position += 1
            }
            return .string(literal)
        }
        guard text.isEmpty else { return try flow(text) }
        guard position < lines.count, lines[position].indentation > indentation else { return .null }
        return try block()
    }

    /// The key with which a line begins, and the rest after its colon.
    private func key(of line: Substring) throws -> (String, Substring)? {
        if line.hasPrefix("{") || line.hasPrefix("[") { return nil }
        if line.hasPrefix("\"") {
            var rest = line
            guard case .string(let key) = try Self.scalar(&rest, endsAt: []) else { return nil }
            return rest.first == ":" ? (key, rest.dropFirst().drop { $0 == " " }) : nil
        }
        if let colon = line.firstRange(of: ": ") {
            return (String(line[..<colon.lowerBound]), line[colon.upperBound...].drop { $0 == " " })
        }
        return line.hasSuffix(":") ? (String(line.dropLast()), "") : nil
    }

    /// A value on one line.
    private func flow(_ line: Substring) throws -> JSONValue {
        var rest = line
        let value = try Self.flow(&rest, endsAt: [])
        guard rest.isEmpty else { throw SyntaxError(line: line) }
        return value
    }

    private static func flow(_ rest: inout Substring, endsAt ends: Set<Character>) throws -> JSONValue {
        guard let first = rest.first, first == "{" || first == "[" else { return try scalar(&rest, endsAt: ends) }
        let line = rest
        let close: Character = first == "{" ? "}" : "]"
        var (members, elements): ([String: JSONValue], [JSONValue]) = ([:], [])
        repeat {
            rest = rest.dropFirst().drop { $0 == " " }
            if rest.first == close { break }
            if first == "[" {
                elements.append(try flow(&rest, endsAt: [",", close]))
            } else {
                guard case .string(let key) = try scalar(&rest, endsAt: [":"]), rest.hasPrefix(": ") else {
                    throw SyntaxError(line: line)
                }
                rest = rest.dropFirst(2)
                members[key] = try flow(&rest, endsAt: [",", close])
            }
        } while rest.first == ","
        guard rest.first == close else { throw SyntaxError(line: line) }
        rest = rest.dropFirst()
        return first == "{" ? .object(members) : .array(elements)
    }

    private static func scalar(_ rest: inout Substring, endsAt ends: Set<Character>) throws -> JSONValue {
        let line = rest
        if rest.first == "\"" {
            let text = rest.dropFirst().prefix { $0 != "\"" }
            guard text.endIndex < rest.endIndex, !text.contains("\\") else { throw SyntaxError(line: line) }
            rest = rest[text.endIndex...].dropFirst()
            return .string(String(text))
        }
        let text = rest.prefix { !ends.contains($0) }
        rest = rest[text.endIndex...]
        // Anchors, aliases, tags, comments and other styles.
        if let first = text.first, "&*!#|>'%@`".contains(first) || text.contains(" #") { throw SyntaxError(line: line) }
        switch text {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: return Double(text).map { .number($0) } ?? .string(String(text))
        }
    }
}
