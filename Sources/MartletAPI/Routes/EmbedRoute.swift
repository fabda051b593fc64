import HTTPServer
import HTTPTypes
import Service

/// `POST /embed`.
struct EmbedRoute: Sendable {
    /// How the vectors are written.
    enum Encoding: String, CaseIterable {
        /// JSON numbers.
        case float
        /// JSON strings: base64 of little-endian float32.
        case base64
        /// A NumPy file of shape (images, dimensions).
        case npy
    }

    /// Writing more numbers takes longer than other connections should wait for: it happens off the connection's queue.
    private static let maximumQuickNumbers = 1 << 16

    let backend: Backend
    let parser: ImageRequestParser

    var route: Route {
        Route(
            .post, "/embed", scope: .infer, "images as vectors of features",
            parameters: RequestTerms.parameters + ["layer", "normalize", "encoding"],
            .handler { routed throws(Problem) in try await respond(to: routed) })
    }

    private func respond(to routed: RoutedRequest) async throws(Problem) -> Response {
        let query = routed.query
        let normalize = try query.bool("normalize", default: true)
        let encoding: Encoding = try query.choice("encoding", default: .float)
        let terms = try RequestTerms(routed)
        let images = try parser.images(in: routed.request)
        let result: EmbedResult
        do {
            result = try await backend.embed(images, terms, query.string("layer"), normalize)
        } catch {
            throw Problem(error)
        }
        let failures = result.failures
        // A NumPy array has no place for an image's error: there, one that failed fails the request.
        if failures.count == images.count || (encoding == .npy && !failures.isEmpty) {
            throw Problem(failures, of: images.count, in: routed.request)
        }
        var response: Response
        if result.embeddings.count * result.dimensions > Self.maximumQuickNumbers {
            response = try await withTaskExecutorPreference(globalConcurrentExecutor) { () throws(Problem) in
                try self.response(result, encoding)
            }
        } else {
            response = try self.response(result, encoding)
        }
        response.headerFields[.serverTiming] = result.timing.serverTiming
        return response
    }

    private func response(_ result: EmbedResult, _ encoding: Encoding) throws(Problem) -> Response {
        switch encoding {
        case .float: return .json(result.jsonBytes(base64: false))
        case .base64: return .json(result.jsonBytes(base64: true))
        case .npy:
            let fields: HTTPFields = [
                .contentType: "application/x-npy", .contentDisposition: "attachment; filename=\"embeddings.npy\"",
            ]
            do {
                return Response(status: .ok, headerFields: fields, body: try result.numPyFile())
            } catch {
                throw Problem(error)
            }
        }
    }
}
