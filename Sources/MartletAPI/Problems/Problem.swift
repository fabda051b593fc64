import HTTPTypes

/// A failure as the client sees it: `application/problem+json` (RFC 9457).
public struct Problem: Error, Sendable {
    /// What kind of failure it is; gives the title and, unless stated otherwise, the status.
    public let type: ProblemType
    public let status: HTTPResponse.Status
    /// One or two sentences on this occurrence: what was expected, what was found, what to do next.
    public let detail: String
    /// Members beside the standard ones, in order.
    public private(set) var members: [(name: String, value: Member)] = []
    /// What went wrong inside the server: for the log, never for the client.
    public private(set) var cause: String?
    /// Header fields that go with the status, such as `Allow` and `Retry-After`.
    public private(set) var headerFields: HTTPFields = [:]

    /// The value of an extension member (RFC 9457 §3.2).
    public enum Member: Sendable {
        case string(String)
        case integer(Int)
        case strings([String])
        case failures([FailedImage])
    }

    public init(_ type: ProblemType, _ detail: String, status: HTTPResponse.Status? = nil) {
        self.type = type
        self.status = status ?? type.status
        self.detail = detail
    }

    /// This problem with one more member.
    public func with(_ name: String, _ value: Member) -> Problem {
        var problem = self
        problem.members.append((name, value))
        return problem
    }

    /// This problem with what the log says of it.
    public func caused(by cause: String) -> Problem {
        var problem = self
        problem.cause = cause
        return problem
    }

    /// This problem with a header field.
    public func with(_ name: HTTPField.Name, _ value: String) -> Problem {
        var problem = self
        problem.headerFields[name] = value
        return problem
    }
}
