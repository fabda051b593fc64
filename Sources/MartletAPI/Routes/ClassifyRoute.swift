import HTTPServer
import HTTPTypes
import Service

/// `POST /classify`.
struct ClassifyRoute: Sendable {
    let backend: Backend
    let parser: ImageRequestParser

    var route: Route {
        Route(
            .post, "/classify", "the most probable classes of images",
            parameters: RequestTerms.parameters + ["head", "top_k"],
            .handler { routed throws(Problem) in try await respond(to: routed) })
    }

    private func respond(to routed: RoutedRequest) async throws(Problem) -> Response {
        let topK = try routed.query.integer("top_k", in: 1...)
        if let head = routed.query.string("head") {
            throw Problem(.unknownHead, "There is no head '\(head)': this server has none.")
                .with("available", .strings([]))
        }
        let terms = try RequestTerms(routed)
        let images = try parser.images(in: routed.request)
        let result: ClassifyResult
        do {
            result = try await backend.classify(images, terms, topK)
        } catch {
            throw Problem(error)
        }
        let failures = result.failures
        if failures.count == images.count { throw Problem(failures, of: images.count, in: routed.request) }
        var response = Response.json(result.jsonBytes)
        response.headerFields[.serverTiming] = result.timing.serverTiming
        return response
    }
}
