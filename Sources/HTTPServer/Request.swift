import HTTPTypes

/// A request that has arrived whole.
public struct Request: Sendable {
    /// Method, authority, target (in origin form, percent-encoded as it was sent, without dot segments) and header fields.
    public var head: HTTPRequest
    /// The content, without its transfer coding.
    public var body: [UInt8]
    /// The client's address; `unix` for a client of a Unix socket.
    public var remoteAddress: String
    /// Whether the client is on this machine, as far as can be seen: it may be a proxy, which speaks for others.
    public var isLocal: Bool
    /// The name of the listener it came in by.
    public var listener: String
    /// Whom the client has shown itself to be, where the listener asks for that.
    public var clientCertificate: ClientCertificate?
    /// What ``HTTPServerConfiguration/admission`` found out about it, where that was asked.
    public var finding: (any AnyObject & Sendable)?

    public init(
        head: HTTPRequest, body: [UInt8] = [], remoteAddress: String = "", isLocal: Bool = false,
        listener: String = "public", clientCertificate: ClientCertificate? = nil
    ) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
        self.isLocal = isLocal
        self.listener = listener
        self.clientCertificate = clientCertificate
    }

    /// Whether it asks for a coding or a part of the content, or puts conditions.
    var choosesContent = true

    /// Whether it came encrypted.
    public var isSecure: Bool { head.scheme == "https" }
}
