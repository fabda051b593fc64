/// Why a model file could not be read: which file, where in it, what was expected and what was found.
public enum ModelFormatError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file could not be opened, read or hashed.
    case unreadable(file: String, reason: String)
    /// The contents contradict the format, or themselves.
    case malformed(file: String, location: String, expected: String, found: String)
    /// The contents are legal, but of a kind that Martlet does not run.
    case unsupported(file: String, location: String, found: String, supported: String)

    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): \(reason)"
        case .malformed(let file, let location, let expected, let found):
            "\(file): \(location): expected \(expected), found \(found)"
        case .unsupported(let file, let location, let found, let supported):
            "\(file): \(location): found \(found), which is not supported; supported: \(supported)"
        }
    }
}

extension ModelFormatError {
    /// As it is said of a model: what of it needed the file that could not be read, or the part that is at fault.
    func of(_ owner: String, in model: String) -> ModelFormatError {
        switch self {
        case .unreadable(let file, let reason):
            .unreadable(file: model, reason: "\(owner): its data in \(file.quoted): \(reason)")
        case .malformed(let file, let location, let expected, let found):
            .malformed(file: file, location: "\(owner), \(location)", expected: expected, found: found)
        case .unsupported(let file, let location, let found, let supported):
            .unsupported(file: file, location: "\(owner), \(location)", found: found, supported: supported)
        }
    }
}

extension String {
    /// The name in quotes, for an error message: control characters escaped, and cut where a hostile file made it long.
    var quoted: String {
        let shown = unicodeScalars.prefix(120).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        var text = "'"
        text.unicodeScalars.append(contentsOf: shown)
        return unicodeScalars.dropFirst(120).isEmpty ? text + "'" : text + "…'"
    }
}
