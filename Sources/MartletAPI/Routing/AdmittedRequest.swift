import HTTPServer

/// What the router found out about a request by its head, while its content was still to come.
final class AdmittedRequest: Sendable {
    let route: Route
    private let handler: RouteHandler
    private let routed: RoutedRequest

    init(_ route: Route, _ handler: @escaping RouteHandler, _ routed: RoutedRequest) {
        (self.route, self.handler, self.routed) = (route, handler, routed)
    }

    /// - Parameter request: the same, with its content.
    nonisolated(nonsending) func answer(_ request: Request) async throws(Problem) -> Response {
        var routed = routed
        routed.request = request
        return try await routed.answer(by: handler)
    }
}
