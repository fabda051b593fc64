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
        commonName = unsafe Self.name { unsafe ctls_session_peer_common_name(session, $0, $1) }
        alternativeNames = unsafe Self.names { unsafe ctls_session_peer_alternative_name(session, $0, $1, $2) }
    }

    /// What `read` writes, and says the length of.
    static func name(_ read: (UnsafeMutablePointer<CChar>, Int) -> Int) -> String? {
        var text = [CChar](repeating: 0, count: maximumNameBytes)
        let length = unsafe read(&text, text.count)
        return length > 0 ? string(text, length) : nil
    }

    /// What `read` writes of each index, until it says that there are no more.
    static func names(_ read: (Int32, UnsafeMutablePointer<CChar>, Int) -> Int) -> [String] {
        var (names, text) = ([String](), [CChar](repeating: 0, count: maximumNameBytes))
        for index in 0..<maximumNames {
            let length = unsafe read(Int32(index), &text, text.count)
            if length < 0 { break }
            if length > 0 { names.append(string(text, length)) }
        }
        return names
    }

    private static func string(_ text: [CChar], _ length: Int) -> String {
        String(decoding: text[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
