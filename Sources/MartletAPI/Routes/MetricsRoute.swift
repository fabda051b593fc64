import HTTPServer
import HTTPTypes
import Service

/// `GET /metrics`: what the queue holds and has done, in Prometheus' text format 0.0.4.
struct MetricsRoute: Sendable {
    let backend: Backend

    var route: Route {
        Route(
            .get, "/metrics", scope: .admin, "figures for Prometheus",
            .handler { _ in
                Response(
                    status: .ok, headerFields: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                    body: Array(text(backend.statistics()).utf8))
            })
    }

    private func text(_ now: QueueStatistics) -> String {
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
