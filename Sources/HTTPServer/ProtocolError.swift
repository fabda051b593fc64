import HTTPTypes

/// Why the server refuses what a client sent before any handler sees it. The connection ends after the answer.
public struct ProtocolError: Error, Equatable, Sendable {
    public let status: HTTPResponse.Status
    public let reason: RefusalReason
    /// What was expected and what was found.
    public let detail: String

    /// Seconds after which the same request may succeed; the answer gets it as `Retry-After`.
    public let retryAfter: Int?

    init(_ status: HTTPResponse.Status, _ reason: RefusalReason, _ detail: String, retryAfter: Int? = nil) {
        self.status = status
        self.reason = reason
        self.detail = detail
        self.retryAfter = retryAfter
    }

    static func badRequest(_ reason: RefusalReason, _ detail: String) -> ProtocolError {
        ProtocolError(.badRequest, reason, detail)
    }
}
