/// Why a model or its weights cannot be written in a format.
public enum ModelWriteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is to be written contradicts itself, as a graph does whose layers do not fit each other.
    case invalid(reason: String)
    /// The file would be larger than the format, or the reader, allows.
    case tooLarge(part: String, bytes: Int, limit: Int)
    /// The format keeps this name for something else.
    case reservedName(String)

    public var description: String {
        switch self {
        case .invalid(let reason): reason
        case .tooLarge(let part, let bytes, let limit):
            "\(part) would have \(bytes) bytes; the format allows \(limit)"
        case .reservedName(let name): "no tensor can be called \(name.quoted): the format uses this name itself"
        }
    }
}
