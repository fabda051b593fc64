import Foundation

/// An image to add to a dataset.
public struct NewImage: Sendable {
    /// The encoded file.
    public let bytes: [UInt8]
    public let digest: ContentDigest
    /// As ``ImageLabel/normalized(_:)`` gives it.
    public let label: String
    /// For people only: control characters are replaced and what exceeds 255 bytes is cut off.
    public let filename: String?

    /// - Throws: ``StoreError/invalidLabel(_:)``; ``StoreError/failed(_:)`` where OpenSSL refuses to compute the digest.
    public init(bytes: [UInt8], label: String, filename: String? = nil) throws(StoreError) {
        let label = try ImageLabel.normalized(label)
        guard let digest = ContentDigest(of: bytes) else { throw .failed("OpenSSL refused to compute a SHA-256") }
        self.bytes = bytes
        self.digest = digest
        self.label = label
        self.filename = filename.map(Self.shown)
    }

    private static func shown(_ filename: String) -> String {
        var shown = String.UnicodeScalarView()
        var byteCount = 0
        for scalar in filename.unicodeScalars {
            let scalar = scalar.isControl ? "\u{FFFD}" : scalar
            byteCount += UTF8.width(scalar)
            guard byteCount <= 255 else { break }
            shown.append(scalar)
        }
        return String(shown)
    }
}
