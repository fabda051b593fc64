import Foundation

/// Why a key file cannot be used.
public enum KeyFileError: Error, Equatable, CustomStringConvertible {
    case missing(path: String)
    case unreadable(path: String, reason: String)
    case malformed(path: String, reason: String)
    case unwritable(path: String, reason: String)
    /// The file that keeps two from writing at once.
    case notLocked(path: String, reason: String)
    case nameTaken(String)
    case unknownKey(String, path: String)
    case noDigest

    /// - Parameter number: what the system says.
    init(reading path: String, _ number: Int32) {
        self = number == ENOENT ? .missing(path: path) : .unreadable(path: path, reason: Self.words(number))
    }

    public var description: String {
        switch self {
        case .missing(let path): "there is no key file '\(path)'; 'martlet keys add' makes one"
        case .unreadable(let path, let reason): "the key file '\(path)' cannot be read: \(reason)"
        case .malformed(let path, let reason): "the key file '\(path)' is not as 'martlet keys' writes it: \(reason)"
        case .unwritable(let path, let reason): "the key file '\(path)' cannot be written: \(reason)"
        case .notLocked(let path, let reason): "the key file's lock '\(path)' cannot be taken: \(reason)"
        case .nameTaken(let name): "there is a key '\(name)' already; remove it, or give another name"
        case .unknownKey(let key, let path): "there is no key '\(key)' in '\(path)'; 'martlet keys list' lists them"
        case .noDigest: "OpenSSL refuses to compute SHA-256"
        }
    }
}

extension KeyFileError {
    /// The system's words for an error number.
    static func words(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
