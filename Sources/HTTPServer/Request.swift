import HTTPTypes

/// A request that has arrived whole.
public struct Request: Sendable {
    /// Where a client is, as far as its address tells. On this machine it may be a proxy, which speaks for others.
    public enum Locality: Sendable {
        /// It came to a loopback address or a Unix socket, which only this machine reaches.
        case loopback
        /// On this machine too: who asks for an address by which others reach it comes from that address.
        case ownAddress
        case elsewhere
    }

    /// Method, authority, target (in origin form, percent-encoded as it was sent, without dot segments) and header fields.
    public var head: HTTPRequest
    /// The content, without its transfer coding.
    public var body: [UInt8]
    /// The client's address; `unix` for a client of a Unix socket.
    public var remoteAddress: String
    /// Where its client is.
    public var locality: Locality
    /// The name of the listener it came in by.
    public var listener: String
    /// Whom the client has shown itself to be, where the listener asks for that.
    public var clientCertificate: ClientCertificate?
    /// What ``HTTPServerConfiguration/admission`` found out about it, where that was asked.
    public var finding: (any AnyObject & Sendable)?

    public init(
        head: HTTPRequest, body: [UInt8] = [], remoteAddress: String = "", locality: Locality = .elsewhere,
        listener: String = "public", clientCertificate: ClientCertificate? = nil
    ) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
        self.locality = locality
        self.listener = listener
        self.clientCertificate = clientCertificate
    }

    /// Whether it asks for a coding or a part of the content, or puts conditions.
    var choosesContent = true

    /// Whether it came encrypted.
    public var isSecure: Bool { head.scheme == "https" }
}
