import HTTPTypes

/// An answer. The server adds `Content-Length` or `Transfer-Encoding`, `Date`, `Server` and, where the connection ends, `Connection`.
public struct Response: Sendable {
    public var status: HTTPResponse.Status
    public var headerFields: HTTPFields { didSet { encodedFields = nil } }
    /// The content; not sent in answer to HEAD.
    public var body: [UInt8]
    /// Content that is made while it is sent, in the place of ``body``. Not begun in answer to HEAD.
    public var stream: ResponseStream?
    /// ``body`` as gzip, where that was made in advance.
    var gzippedBody: [UInt8]?
    /// ``headerFields`` as they are sent, where that was made in advance.
    private(set) var encodedFields: [UInt8]?

    public init(status: HTTPResponse.Status = .ok, headerFields: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
    }

    public init(status: HTTPResponse.Status = .ok, headerFields: HTTPFields = [:], stream: ResponseStream) {
        self.init(status: status, headerFields: headerFields)
        self.stream = stream
    }

    /// An answer that is given again and again, its header fields encoded in advance.
    public func encodingFields() -> Response {
        var response = self
        response.encodedFields = ResponseEncoder.encoded(headerFields)
        return response
    }

    /// Whether a client reads content after the head (RFC 9112 section 6.3).
    var allowsContent: Bool {
        status.kind != .informational && status != .noContent && status != .notModified
    }
}

/// Answers requests. Called on the connection's own queue: one that never suspends is answered without a hop, and one
/// that would block must suspend instead. Its task is cancelled when the client leaves.
public typealias Handler = nonisolated(nonsending) @Sendable (Request) async -> Response
