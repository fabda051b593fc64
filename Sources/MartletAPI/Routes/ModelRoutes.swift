import HTTPServer
import Service

/// `GET /models` and `GET /models/{model}`.
struct ModelRoutes: Sendable {
    let backend: Backend

    var routes: [Route] {
        [
            Route(.get, "/models", scope: .infer, "the models", .handler { _ in .json(list) }),
            Route(
                .get, "/models/{model}", scope: .infer, "one model with its layers",
                .handler { routed throws(Problem) in
                    try .json(description(of: routed.pathParameters["model"] ?? ""))
                }),
        ]
    }

    private var list: [UInt8] {
        JSONWriter.text { writer in
            writer.object { writer in
                writer.name("models")
                writer.array { writer in
                    for model in backend.models() { model.write(to: &writer, layers: false) }
                }
            }
        }
    }

    private func description(of name: String) throws(Problem) -> [UInt8] {
        let models = backend.models()
        guard let model = models.first(where: { $0.name == name }) else {
            throw Problem(ServiceError.unknownModel(name, available: models.map(\.name)))
        }
        return JSONWriter.text { writer in model.write(to: &writer, layers: true) }
    }
}
