import CTLS

/// Whom a client has shown itself to be, by a certificate that an authority of the listener vouches for.
public struct ClientCertificate: Sendable, Equatable {
    /// The subject's.
    public let commonName: String?
    /// As `DNS:worker.example`, `URI:spiffe://…`, `email:…` or `IP:…`.
    public let alternativeNames: [String]

    public init(commonName: String?, alternativeNames: [String] = []) {
        (self.commonName, self.alternativeNames) = (commonName, alternativeNames)
    }

    /// More names than this of one certificate are left out, and any that is longer than a URI may reasonably be.
    private static let maximumNames = 64
    private static let maximumNameBytes = 2048

    /// `nil` where the client has shown none.
    init?(_ session: OpaquePointer) {
        guard unsafe ctls_session_has_peer(session) else { return nil }
        var text = [CChar](repeating: 0, count: Self.maximumNameBytes)
        var length = unsafe ctls_session_peer_common_name(session, &text, text.count)
        commonName = length > 0 ? Self.string(text, length) : nil
        var names: [String] = []
        for index in 0..<Self.maximumNames {
            length = unsafe ctls_session_peer_alternative_name(session, Int32(index), &text, text.count)
            if length < 0 { break }
            if length > 0 { names.append(Self.string(text, length)) }
        }
        alternativeNames = names
    }

    private static func string(_ text: [CChar], _ length: Int) -> String {
        String(decoding: text[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
