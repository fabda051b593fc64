import HTTPTypes

/// A request that has arrived whole.
public struct Request: Sendable {
    /// Method, authority, target (in origin form, percent-encoded as it was sent, without dot segments) and header fields.
    public var head: HTTPRequest
    /// The content, without its transfer coding.
    public var body: [UInt8]
    /// The client's address.
    public var remoteAddress: String

    public init(head: HTTPRequest, body: [UInt8] = [], remoteAddress: String = "") {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
    }
}
