import CCrypto
import Service

/// A key as its owner has it: `martlet_ID_SECRET`. Scanners for leaked secrets find it by the pattern
/// `martlet_[a-z0-9]{8}_[A-Za-z0-9]{43}`.
public struct KeyText: Sendable {
    /// Names the key in the key file, in lists and in logs; not secret.
    public let id: String
    /// 43 letters and digits are 256 bits.
    let secret: String

    private static let prefix = "martlet"
    private static let idLength = 8
    private static let secretLength = 43
    private static let idAlphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
    private static let secretAlphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    /// A new key, from the system's generator (`getrandom`), which Swift promises to be cryptographically secure.
    public static func random() -> KeyText {
        KeyText(
            id: random(idLength, of: idAlphabet), secret: random(secretLength, of: secretAlphabet))
    }

    private static func random(_ count: Int, of alphabet: [Character]) -> String {
        var generator = SystemRandomNumberGenerator()
        // randomElement draws without bias.
        return String((0..<count).compactMap { _ in alphabet.randomElement(using: &generator) })
    }

    private init(id: String, secret: String) {
        self.id = id
        self.secret = secret
    }

    /// The parts of a key; `nil` where `text` cannot be one.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual(Self.prefix.utf8) else { return nil }
        self.init(id: String(decoding: parts[1], as: UTF8.self), secret: String(decoding: parts[2], as: UTF8.self))
        guard Self.isID(id), secret.count == Self.secretLength, secret.allSatisfy(Self.secretAlphabet.contains) else {
            return nil
        }
    }

    /// Whether `text` can be the id of a key.
    static func isID(_ text: String) -> Bool {
        text.count == idLength && text.allSatisfy(idAlphabet.contains)
    }

    public var text: String { "\(Self.prefix)_\(id)_\(secret)" }

    /// What is stored of the secret. A password would need a slow hash; 256 random bits cannot be tried out at any speed.
    var digest: ContentDigest? { ContentDigest(of: Array(secret.utf8)) }

    /// Whether the secret is the one of `stored`. Takes as long where it is not, wherever they differ.
    func hasDigest(_ stored: ContentDigest) -> Bool {
        guard let digest, digest.bytes.count == stored.bytes.count else { return false }
        return unsafe digest.bytes.withUnsafeBytes { mine in
            unsafe stored.bytes.withUnsafeBytes { theirs in
                unsafe ccrypto_equal(mine.baseAddress, theirs.baseAddress, mine.count)
            }
        }
    }
}
