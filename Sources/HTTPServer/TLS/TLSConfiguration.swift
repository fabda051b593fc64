/// How a listener encrypts: TLS 1.2 or 1.3 with `http/1.1` as its only protocol (ALPN).
public struct TLSConfiguration: Sendable {
    /// A certificate and its private key.
    public enum Identity: Sendable, Equatable {
        /// PEM files. The first holds the certificate and then those that lead from it to an authority's; the second the
        /// key, without a passphrase.
        case files(certificate: String, key: String)
        /// Made at start, for `localhost`, 127.0.0.1, ::1 and this machine's name, and kept in memory: for development.
        /// Clients have no reason to trust it.
        case selfSigned
    }

    /// Whether clients show a certificate too (mutual TLS). One that no authority of the file vouches for is turned away.
    public enum ClientAuthentication: Sendable, Equatable {
        case none
        case optional(authorities: String)
        case required(authorities: String)

        public var isRequired: Bool { if case .required = self { true } else { false } }
    }

    /// Where clients ask for a name, the first certificate that has it is served, else the first of all (RFC 6066
    /// section 3).
    public var identities: [Identity]
    public var clientAuthentication = ClientAuthentication.none

    public init(_ identities: Identity...) {
        self.identities = identities
    }
}
