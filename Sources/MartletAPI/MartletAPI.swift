import HTTPServer
import Logging
import Service

/// The HTTP interface: takes requests to the service and its answers back into wire formats. openapi.yaml describes it.
public struct MartletAPI: Sendable {
    /// Images that one request may carry unless another limit is given.
    public static let defaultImageLimit = 64

    let router: Router
    private let readiness = Readiness()
    let counts: RequestCounts

    /// - Parameters:
    ///   - teaching: what datasets, jobs and heads are asked of; without it there are no such routes.
    ///   - access: who may ask for what; everybody for everything unless it says otherwise.
    ///   - logger: gets the causes of answers with status 500.
    public init(
        backend: Backend, teaching: Teaching? = nil, access: Access? = nil, imageLimit: Int = defaultImageLimit,
        logger: Logger
    ) {
        let counts = RequestCounts()
        let parser = ImageRequestParser(imageLimit: imageLimit)
        let routes =
            [
                ClassifyRoute(backend: backend, parser: parser, heads: teaching?.heads).route,
                EmbedRoute(backend: backend, parser: parser).route,
                MetricsRoute(backend: backend, counts: counts).route,
            ] + Self.routes(teaching, backend) + ModelRoutes(backend: backend).routes
            + RepositoryRoutes(backend: backend).routes
            + HealthRoutes(backend: backend, readiness: readiness).routes
        let access = access ?? Access()
        router = Router(
            DocumentRoutes(listed: routes, access: access).routes + routes, access: access, counts: counts,
            logger: logger)
        self.counts = counts
    }

    private static func routes(_ teaching: Teaching?, _ backend: Backend) -> [Route] {
        guard let teaching else { return [] }
        let uploads = UploadReader()
        return [FineTuneRoute(teaching: teaching, uploads: uploads).route] + JobRoutes(teaching: teaching).routes
            + DatasetRoutes(teaching: teaching, uploads: uploads).routes
            + HeadRoutes(teaching: teaching, backend: backend).routes
    }

    /// The answer to any request; every failure is a problem (RFC 9457). Answers without suspending, on the caller's
    /// queue, where no image is involved.
    public nonisolated(nonsending) func respond(to request: Request) async -> Response {
        await router.respond(to: request)
    }

    /// Whether the content of a request is worth waiting for: it is not where no route takes it, or its client may not ask.
    public func admit(_ request: Request) -> Admission { router.admit(request) }

    /// The answer to what the HTTP server refuses before routing.
    public func refusal(_ error: ProtocolError) -> Response {
        Response(Problem(ProblemType(protocolStatus: error.status), error.detail, status: error.status))
            .withStandingFields()
    }

    /// From now on `/metrics` says what the HTTP server counts, too.
    public func observe(_ server: HTTPServer) { counts.observe { [weak server] in server?.statistics } }

    /// From now on `/health/ready` answers 503, so that load balancers send nothing new; other routes still answer.
    public func beginDraining() { readiness.beginDraining() }
}
