import HTTPServer
import HTTPTypes

/// Answers a request. Runs on the connection's queue until it suspends: what takes long must leave it first.
typealias RouteHandler = nonisolated(nonsending) @Sendable (RoutedRequest) async throws(Problem) -> Response

/// One entry of the router's table.
struct Route: Sendable {
    let method: HTTPRequest.Method
    let path: PathPattern
    /// What a key must allow; `nil` for what needs none. Without a default, so that no route is open because it was forgotten.
    let scope: Scope?
    /// What it does, in a few words.
    let summary: String
    /// The names of the query parameters it takes.
    let parameters: [String]
    /// The path by which GET gives what it changes.
    let subject: String
    let action: Action
    /// How it was answered so far.
    let answers = RequestCounts.Answers()

    enum Action: Sendable {
        /// The same response every time.
        case constant(Response)
        case handler(RouteHandler)
    }

    init(
        _ method: HTTPRequest.Method, _ path: String, scope: Scope?, _ summary: String, parameters: [String] = [],
        subject: String? = nil, _ action: Action
    ) {
        self.method = method
        self.path = PathPattern(path)
        self.scope = scope
        self.summary = summary
        self.parameters = parameters
        self.subject = subject ?? path
        self.action = action
    }
}

/// A request and what the router found in its target.
struct RoutedRequest: Sendable {
    var request: Request
    let client: Client
    let pathParameters: [String: String]
    var query: QueryParameters

    var withoutQuery: RoutedRequest {
        var routed = self
        routed.query = .empty
        return routed
    }

    nonisolated(nonsending) func answer(by handler: RouteHandler) async throws(Problem) -> Response {
        var response = try await handler(self)
        // Another client's key may not open what is in a cache.
        if case .key = client, response.headerFields[.cacheControl] == nil {
            response.headerFields[.cacheControl] = "no-store"
        }
        return response.withStandingFields()
    }
}
