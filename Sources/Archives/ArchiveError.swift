/// Why an archive cannot be read.
public enum ArchiveError: Error, Equatable, CustomStringConvertible {
    /// Neither zip nor tar, or damaged.
    case unreadable(reason: String)
    /// More entries than the limit.
    case tooManyEntries(limit: Int)
    /// A file that is longer than the limit when unpacked.
    case fileTooLarge(path: String, limit: Int)
    /// All that is in it is longer than the limit when unpacked.
    case tooLarge(limit: Int)
    /// A path that leads out of the archive, or that is no text.
    case badPath(String)
    /// A file whose bytes are encrypted.
    case encrypted(path: String)

    public var description: String {
        switch self {
        case .unreadable(let reason): "this is no zip or tar archive that can be read: \(reason)"
        case .tooManyEntries(let limit): "the archive has more than \(limit) entries"
        case .fileTooLarge(let path, let limit): "'\(path)' is longer than \(limit) bytes when unpacked"
        case .tooLarge(let limit): "the archive is longer than \(limit) bytes when unpacked"
        case .badPath(let path):
            "the path '\(path)' is refused: expected a relative one of UTF-8 text without '..'"
        case .encrypted(let path): "'\(path)' is encrypted; send the archive without a password"
        }
    }
}
