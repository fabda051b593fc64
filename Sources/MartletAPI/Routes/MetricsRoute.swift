import Foundation
import HTTPServer
import HTTPTypes
import Service

/// `GET /metrics`: what came in, and what the queue holds and has done, in Prometheus' text format 0.0.4.
struct MetricsRoute: Sendable {
    let backend: Backend
    let counts: RequestCounts

    var route: Route {
        Route(
            .get, "/metrics", scope: .admin, "figures for Prometheus",
            .handler { _ in
                Response(
                    status: .ok, headerFields: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                    body: Array(text.utf8))
            })
    }

    private var text: String {
        let server = counts.serverStatistics
        return requests(server) + (server.map(connections) ?? "") + queue(backend.statistics())
    }

    private func requests(_ server: HTTPServerStatistics?) -> String {
        [
            Self.family(
                "martlet_requests_total", "counter", "Requests answered; those for no route have an empty one.",
                counts.answered.flatMap { method, route, counts in
                    zip(RequestCounts.Answers.classes, counts).map { status, count in
                        ("method=\"\(method)\",route=\"\(route)\",status=\"\(status)\"", count)
                    }
                }),
            Self.family(
                "martlet_requests_refused_total", "counter",
                "Requests refused by the HTTP server (http), and problems answered by the routes (api).",
                RefusalReason.allCases.map { reason in
                    ("by=\"http\",reason=\"\(reason.rawValue)\"", server?.refused[reason] ?? 0)
                }
                    + counts.refused.map { ("by=\"api\",reason=\"\($0.type.rawValue)\"", $0.count) }),
        ].joined()
    }

    private func connections(_ now: HTTPServerStatistics) -> String {
        [
            Self.family(
                "martlet_connections_accepted_total", "counter", "Connections, by the name of their listener.",
                now.accepted.sorted(by: <).map { ("listener=\"\($0.key)\"", $0.value) }),
            Self.family(
                "martlet_connections_open", "gauge", "Connections that are open.",
                now.open.sorted(by: <).map { ("listener=\"\($0.key)\"", $0.value) }),
            Self.family(
                "martlet_connections_closed_total", "counter", "Connections that have ended, by the reason.",
                CloseReason.allCases.map { ("reason=\"\($0.rawValue)\"", now.closed[$0] ?? 0) }),
            Self.family(
                "martlet_tls_handshakes_total", "counter", "Handshakes, by whether they resumed a session.",
                [
                    ("resumed=\"true\"", now.resumedHandshakes),
                    ("resumed=\"false\"", now.handshakes - now.resumedHandshakes),
                ]),
            Self.family(
                "martlet_tls_certificate_expiry_seconds", "gauge",
                "When the certificate of a name ends, in seconds since 1970.", Self.expiries(now.certificates)),
            Self.family(
                "martlet_accept_pauses_total", "counter",
                "Pauses in accepting for want of file descriptors or watches.",
                [("", now.acceptPauses)]),
        ].joined()
    }

    /// By the first name of each; the earliest where several have it, of another kind of key.
    private static func expiries(_ certificates: [ServerCertificate]) -> [(labels: String, value: Int)] {
        let expiries = certificates.map { (labelValue($0.names.first ?? ""), Int($0.expiry.timeIntervalSince1970)) }
        return Dictionary(expiries, uniquingKeysWith: min).sorted(by: <).map { ("name=\"\($0.key)\"", $0.value) }
    }

    /// What stands for itself between quotes.
    private static func labelValue(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private func queue(_ now: QueueStatistics) -> String {
        [
            Self.family(
                "martlet_queue_images", "gauge", "Images in the queue, by what they wait for.",
                [
                    ("stage=\"waiting\"", now.waiting), ("stage=\"prepared\"", now.prepared),
                    ("stage=\"computing\"", now.computing),
                ]),
            Self.family(
                "martlet_images_admitted_total", "counter", "Images taken in, those that the cache knew included.",
                [("", now.admitted)]),
            Self.family(
                "martlet_images_dropped_total", "counter", "Images that were not computed, by the reason.",
                [
                    ("reason=\"overloaded\"", now.overloaded), ("reason=\"too_late\"", now.tooLate),
                    ("reason=\"expired\"", now.expired), ("reason=\"cancelled\"", now.cancelled),
                ]),
            Self.family(
                "martlet_images_coalesced_total", "counter", "Images that shared an identical one's computation.",
                [("", now.coalesced)]),
            Self.family(
                "martlet_images_computed_total", "counter", "Images that went through a network.", [("", now.computed)]),
            Self.family("martlet_batches_total", "counter", "Runs of networks.", [("", now.batches)]),
            Self.family(
                "martlet_compute_seconds_total", "counter", "Time in which networks ran.",
                [("", now.computeSeconds)]),
            Self.family(
                "martlet_prepare_seconds_total", "counter", "Time for decoding and preprocessing, of all threads.",
                [("", now.prepareSeconds)]),
            Self.family(
                "martlet_cache_requests_total", "counter", "Images looked up in the result cache.",
                [("result=\"hit\"", now.cacheHits), ("result=\"miss\"", now.cacheMisses)]),
            Self.family("martlet_cache_entries", "gauge", "Results in the cache.", [("", now.cacheEntries)]),
            Self.family("martlet_cache_bytes", "gauge", "Memory of the result cache.", [("", now.cacheBytes)]),
        ].joined()
    }

    private static func family<Number>(
        _ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: Number)]
    ) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            + samples.map { "\(name)\($0.labels.isEmpty ? "" : "{\($0.labels)}") \($0.value)\n" }.joined()
    }
}
