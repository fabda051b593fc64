import HTTPServer
import HTTPTypes
import Service

/// The model repository extension of the Open Inference Protocol (KServe v2): `POST /v2/repository/index` and
/// `POST /v2/repository/models/{model}/load` and `…/unload`.
///
/// Who may load and unload can stop the service: that is a key of scope admin, or as long as there are no keys, who is on this
/// machine.
struct RepositoryRoutes: Sendable {
    let backend: Backend

    var routes: [Route] {
        [
            Route(
                .post, "/v2/repository/index", scope: .infer, "all versions of all models",
                .handler { _ in .json(index) }),
            Route(
                .post, "/v2/repository/models/{model}/load", scope: .admin, "loads a model", subject: "/models/{model}",
                .handler { routed throws(Problem) in
                    let model = try modelName(routed)
                    do throws(ServiceError) { try await backend.load(model) } catch { throw Problem(error) }
                    return .json(Array("{}".utf8))
                }),
            Route(
                .post, "/v2/repository/models/{model}/unload", scope: .admin, "takes a model out of service",
                subject: "/models/{model}",
                .handler { routed throws(Problem) in
                    let model = try modelName(routed)
                    do throws(ServiceError) { try backend.unload(model) } catch { throw Problem(error) }
                    return .json(Array("{}".utf8))
                }),
        ]
    }

    private func modelName(_ routed: RoutedRequest) throws(Problem) -> String {
        if case .anonymous(let address, isHere: false) = routed.client {
            throw Problem(
                .forbidden,
                "Without keys, models are loaded and unloaded from the server's own machine; this comes from \(address)."
            )
        }
        return routed.pathParameters["model"] ?? ""
    }

    private var index: [UInt8] {
        JSONWriter.text { writer in
            writer.array { writer in
                for model in backend.models() {
                    for version in model.versions { version.write(to: &writer, model: model.name) }
                }
            }
        }
    }
}

extension ModelVersionStatus {
    fileprivate func write(to writer: inout JSONWriter, model: String) {
        writer.object { writer in
            writer.member("name", model)
            writer.member("version", version)
            writer.member("state", state == .ready ? "READY" : "UNAVAILABLE")
            writer.member("reason", failure ?? (state == .unloaded ? "unloaded" : ""))
        }
    }
}
