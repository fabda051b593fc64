import HTTPServer

/// What the router found out about a request by its head, while its content was still to come.
final class AdmittedRequest: Sendable {
    let route: Route
    let handler: RouteHandler
    private let routed: RoutedRequest

    init(_ route: Route, _ handler: @escaping RouteHandler, _ routed: RoutedRequest) {
        (self.route, self.handler, self.routed) = (route, handler, routed)
    }

    /// - Parameter request: the same, with its content.
    func routed(_ request: Request) -> RoutedRequest {
        var routed = routed
        routed.request = request
        return routed
    }
}
