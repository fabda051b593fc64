import HTTPServer
import HTTPTypes
import Service

/// `POST /classify`.
struct ClassifyRoute: Sendable {
    let backend: Backend
    let parser: ImageRequestParser
    /// `nil` where the server has no store.
    let heads: HeadRegistry?

    var route: Route {
        Route(
            .post, "/classify", scope: .infer, "the most probable classes of images",
            parameters: RequestTerms.parameters + ["head", "head_version", "top_k"],
            .handler { routed throws(Problem) in try await respond(to: routed) })
    }

    private func respond(to routed: RoutedRequest) async throws(Problem) -> Response {
        let topK = try routed.query.integer("top_k", in: 1...)
        let terms = try RequestTerms(routed)
        let images = try parser.images(in: routed.request)
        let head = try await head(routed.query)
        let result: ClassifyResult
        do {
            result = try await backend.classify(images, terms, topK, head)
        } catch {
            throw Problem(error)
        }
        let failures = result.failures
        if failures.count == images.count { throw Problem(failures, of: images.count, in: routed.request) }
        var response = Response.json(result.jsonBytes)
        response.headerFields[.serverTiming] = result.timing.serverTiming
        return response
    }

    private func head(_ query: QueryParameters) async throws(Problem) -> ServedHead? {
        let version = try query.integer("head_version", in: 1...)
        guard let name = query.string("head") else {
            guard version == nil else {
                throw .invalidParameter("head_version", expected: "left out without 'head'", found: "\(version ?? 0)")
            }
            return nil
        }
        guard let heads else { throw Problem(.unknownHead, "There is no head '\(name)': this server has no store.") }
        do { return try await heads.servedHead(name, version: version) } catch { throw Problem(error) }
    }
}
