import HTTPServer
import HTTPTypes
import Logging

/// Takes each request to its route, and answers what needs no route: `OPTIONS`, paths and methods that do not exist.
struct Router: Sendable {
    let routes: [Route]
    /// The routes whose paths have no parameters, by path: one look-up finds them.
    private let literal: [String: [Route]]
    private let access: Access
    private let counts: RequestCounts
    private let logger: Logger

    init(_ routes: [Route], access: Access, counts: RequestCounts, logger: Logger) {
        // Prepared once: a constant is answered as it is.
        let routes = routes.map { $0.withStandingFields() }
        self.routes = routes
        self.access = access
        self.counts = counts
        counts.observe(routes)
        self.logger = logger
        literal = Dictionary(grouping: routes.filter(\.path.isLiteral), by: \.path.description)
    }

    nonisolated(nonsending) func respond(to request: Request) async -> Response {
        let (path, query) = request.targetParts
        var answers = counts.unrouted
        do throws(Problem) {
            let response: Response
            if let finding = request.finding, let admitted = finding as? AdmittedRequest {
                answers = admitted.route.answers
                let routed = admitted.routed(request)
                try access.confirm(routed.client, for: admitted.route.scope)
                response = try await answer(routed, admitted.route, by: admitted.handler)
            } else {
                let (candidates, pathParameters) = try candidates(for: path)
                if let route = candidates.first(where: { $0.takes(request.head.method) }) {
                    answers = route.answers
                    response = try await answer(request, route, pathParameters, query)
                } else {
                    response = try answerWithoutRoute(request, path, candidates).withStandingFields()
                }
            }
            return complete(response, to: request, answers)
        } catch {
            return refuse(error, request, answers)
        }
    }

    /// What becomes of a request that announces much content, before that is read: only what is asked by who may is worth
    /// the room.
    func admit(_ request: Request) -> Admission {
        let (path, query) = request.targetParts
        var answers = counts.unrouted
        do throws(Problem) {
            let (candidates, pathParameters) = try candidates(for: path)
            guard let route = candidates.first(where: { $0.takes(request.head.method) }) else {
                let response = try answerWithoutRoute(request, path, candidates).withStandingFields()
                return .refused(complete(response, to: request, answers))
            }
            answers = route.answers
            let routed = RoutedRequest(
                request: request, client: try access.client(of: request, for: route.scope),
                pathParameters: pathParameters, query: try QueryParameters(query, known: route.parameters))
            guard case .handler(let handler) = route.action, route.takesContent else { throw .takesNoContent(request) }
            return .admitted(finding: AdmittedRequest(route, handler, routed))
        } catch {
            return .refused(refuse(error, request, answers))
        }
    }

    private func complete(_ response: Response, to request: Request, _ answers: RequestCounts.Answers) -> Response {
        var response = response
        answers.count(response.status)
        access.crossOrigin.complete(&response, to: request)
        return response
    }

    private func refuse(_ problem: Problem, _ request: Request, _ answers: RequestCounts.Answers) -> Response {
        log(problem, request)
        counts.refuse(problem.type)
        return complete(Response(problem).withStandingFields(), to: request, answers)
    }

    private func log(_ problem: Problem, _ request: Request) {
        let (method, path) = (request.head.method, request.targetParts.path)
        if let cause = problem.cause { return logger.error("\(method) \(path) failed: \(cause)") }
        // A wrong key is somebody's mistake, or an attack; of one address no more are seen than Access lets it try.
        let isWrongKey = problem.type == .invalidKey || problem.type == .expiredKey
        logger.log(
            level: isWrongKey ? .notice : .debug, "refused \(request.remoteAddress): \(problem.detail.onOneLine)",
            metadata: [
                "request": "\(method) \(String(path).excerpt())", "status": "\(problem.status.code)",
                "reason": "\(problem.type.rawValue)",
            ])
    }

    private nonisolated(nonsending) func answer(
        _ request: Request, _ route: Route, _ pathParameters: [String: String], _ query: Substring
    ) async throws(Problem) -> Response {
        let parameters = { () throws(Problem) in
            query.isEmpty ? .empty : try QueryParameters(query, known: route.parameters)
        }
        switch route.action {
        case .constant(let response):
            // Without a look at the client where none is needed: that is the answer that is asked for most.
            if let scope = route.scope { _ = try access.client(of: request, for: scope) }
            _ = try parameters()
            return response
        case .handler(let handler):
            // First: what may not be asked is not read.
            let client = try access.client(of: request, for: route.scope)
            let routed = RoutedRequest(
                request: request, client: client, pathParameters: pathParameters, query: try parameters())
            return try await answer(routed, route, by: handler)
        }
    }

    private nonisolated(nonsending) func answer(
        _ routed: RoutedRequest, _ route: Route, by handler: RouteHandler
    ) async throws(Problem) -> Response {
        try await checkConditions(of: routed, route)
        return try await routed.answer(by: handler)
    }

    /// The routes of a path, one for each method; none if the path is unknown.
    private func candidates(for path: Substring) throws(Problem) -> ([Route], [String: String]) {
        if let routes = literal[String(path)] { return (routes, [:]) }
        var segments: [String] = []
        for segment in path.split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = percentDecoded(segment) else {
                throw Problem(.malformedRequest, "The path has '\(segment)', which is not percent-encoded UTF-8.")
            }
            segments.append(decoded)
        }
        for route in routes {
            guard let parameters = route.path.match(segments) else { continue }
            return (routes.filter { $0.path.description == route.path.description }, parameters)
        }
        return ([], [:])
    }

    private func answerWithoutRoute(
        _ request: Request, _ path: Substring, _ candidates: [Route]
    ) throws(Problem) -> Response {
        let method = request.head.method
        if path == "*", method == .options {  // the server as a whole (RFC 9110 §9.3.7)
            return Response(status: .noContent, headerFields: [.allow: Self.allowedMethods(routes)])
        }
        guard Self.knownMethods.contains(method) else {
            throw Problem(.notImplemented, "There is no method \(method.rawValue.excerpt()) here.")
        }
        if candidates.isEmpty {
            throw Problem(.unknownRoute, "There is nothing at '\(path)'. GET / lists the routes.")
        }
        let allowed = Self.allowedMethods(candidates)
        if method == .options { return Response(status: .noContent, headerFields: [.allow: allowed]) }
        throw Problem(.methodNotAllowed, "'\(path)' takes \(allowed); found \(method).").with(.allow, allowed)
    }

    /// RFC 9110 section 9.1: others than those that are registered for HTTP itself are not implemented, whatever the path.
    private static let knownMethods: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .delete, .connect, .options, .trace, .patch,
    ]

    private static func allowedMethods(_ routes: [Route]) -> String {
        var methods: [HTTPRequest.Method] = []
        for method in routes.map(\.method) where !methods.contains(method) {
            methods += method == .get ? [.get, .head] : [method]
        }
        return (methods + [.options]).map(\.rawValue).joined(separator: ", ")
    }
}

extension Problem {
    /// Content that nothing reads, and too much of it to be passed over.
    fileprivate static func takesNoContent(_ request: Request) -> Problem {
        let found =
            request.head.headerFields[.contentLength].map { "\($0) bytes" }
            ?? "chunks, which do not say how many bytes come"
        return Problem(
            .contentTooLarge,
            "\(request.head.method) \(request.targetParts.path.description.excerpt()) takes no content; up to "
                + "\(Admission.maximumUnaskedBytes) bytes are passed over, found \(found).")
    }
}

extension Route {
    fileprivate func withStandingFields() -> Route {
        guard case .constant(let response) = action else { return self }
        return Route(
            method, path.description, scope: scope, summary, parameters: parameters, subject: subject,
            .constant(response.withStandingFields().encodingFields()))
    }

    /// What is sent with `GET` and `DELETE` means nothing (RFC 9110 sections 9.3.1 and 9.3.5), and some of these routes are open to
    /// everybody.
    fileprivate var takesContent: Bool { method != .get && method != .delete }

    /// `HEAD` is `GET` whose response the server sends without its body (RFC 9110 §9.3.2).
    fileprivate func takes(_ method: HTTPRequest.Method) -> Bool {
        self.method == method || (self.method == .get && method == .head)
    }
}
