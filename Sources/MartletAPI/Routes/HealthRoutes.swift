import HTTPServer
import Synchronization

/// `GET /health/live` and `GET /health/ready`, and the same under `/v2` for clients of the Open Inference Protocol.
struct HealthRoutes: Sendable {
    let backend: Backend
    let readiness: Readiness

    /// Liveness is a constant: an answer at all is the information.
    var routes: [Route] {
        ["", "/v2"].flatMap { prefix in
            [
                Route(
                    .get, "\(prefix)/health/live", scope: nil, "200 while the process answers",
                    .constant(Self.status("live"))),
                Route(
                    .get, "\(prefix)/health/ready", scope: nil, "200 while requests are welcome, else 503",
                    .handler { _ throws(Problem) in
                        if readiness.isDraining {
                            throw Problem(.stopping, "The server finishes what it has begun and takes nothing new.")
                        }
                        guard backend.isReady() else { throw Problem(.notReady, "The default model is not loaded.") }
                        return Self.status("ready")
                    }),
            ]
        }
    }

    private static func status(_ status: String) -> Response {
        .json(JSONWriter.text { writer in writer.object { $0.member("status", status) } })
    }
}

/// Whether the server still wants requests.
final class Readiness: Sendable {
    private let draining = Atomic(false)

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func beginDraining() { draining.store(true, ordering: .relaxed) }
}
