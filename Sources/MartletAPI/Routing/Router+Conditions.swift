import HTTPServer

extension Router {
    /// Puts a request's conditions to what it would change (RFC 9110 section 13).
    ///
    /// - Throws: also where that is not there: conditions count only for what would be done without them (section 13.2.1).
    nonisolated(nonsending) func checkConditions(of routed: RoutedRequest, _ route: Route) async throws(Problem) {
        guard routed.request.setsConditionsOnChange else { return }
        let current = try await current(routed, route)
        guard routed.request.forbidsChange(of: current) else { return }
        let found =
            switch current?.headerFields[.eTag] {
            case let tag?: "what is there has the entity tag \(tag)"
            case nil: current == nil ? "nothing is there yet" : "what is there has no entity tag"
            }
        throw Problem(.preconditionFailed, "If-Match or If-None-Match does not hold: \(found).")
    }

    /// What a request is about to change, as GET gives it; `nil` where PUT would make it, or there is none that GET gives.
    private nonisolated(nonsending) func current(
        _ routed: RoutedRequest, _ route: Route
    ) async throws(Problem) -> Response? {
        guard let get = routes.first(where: { $0.method == .get && $0.path.description == route.subject }),
            case .handler(let handler) = get.action
        else { return nil }
        do throws(Problem) { return try await handler(routed.withoutQuery) } catch {
            switch error.status {
            case .notFound where route.method == .put: return nil
            // It is there, though it cannot be shown.
            case .gone: return Response()
            default: throw error
            }
        }
    }
}
