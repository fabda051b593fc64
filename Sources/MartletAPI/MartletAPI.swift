import HTTPServer
import Logging

/// The HTTP interface: takes requests to the service and its answers back into wire formats. openapi.yaml describes it.
public struct MartletAPI: Sendable {
    /// Images that one request may carry unless another limit is given.
    public static let defaultImageLimit = 64

    let router: Router
    private let readiness = Readiness()

    /// - Parameter logger: gets the causes of answers with status 500.
    public init(backend: Backend, imageLimit: Int = defaultImageLimit, logger: Logger) {
        let parser = ImageRequestParser(imageLimit: imageLimit)
        let routes =
            [
                ClassifyRoute(backend: backend, parser: parser).route,
                EmbedRoute(backend: backend, parser: parser).route,
                MetricsRoute(backend: backend).route,
            ] + ModelRoutes(backend: backend).routes + RepositoryRoutes(backend: backend).routes
            + HealthRoutes(backend: backend, readiness: readiness).routes
        router = Router(DocumentRoutes(listed: routes).routes + routes, logger: logger)
    }

    /// The answer to any request; every failure is a problem (RFC 9457). Answers without suspending, on the caller's
    /// queue, where no image is involved.
    public nonisolated(nonsending) func respond(to request: Request) async -> Response {
        await router.respond(to: request)
    }

    /// The answer to what the HTTP server refuses before routing.
    public func refusal(_ error: ProtocolError) -> Response {
        Response(Problem(ProblemType(protocolStatus: error.status), error.detail, status: error.status))
    }

    /// From now on `/health/ready` answers 503, so that load balancers send nothing new; other routes still answer.
    public func beginDraining() { readiness.beginDraining() }
}
