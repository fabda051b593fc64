import Foundation
import Service

/// What a job that succeeded has found, for people.
struct TeachReport {
    /// More cells are no picture any more.
    private static let confusionClasses = 12
    private static let tableClasses = 40

    let job: Job
    let isPromoted: Bool
    /// What the commands to go on with need to find the store and the models.
    let arguments: String

    var text: String {
        var parts = [heading]
        if let metrics = FineTuneMetrics(job.metrics) {
            parts += [evaluation(metrics), classes(metrics), confusion(metrics)].compactMap(\.self)
        }
        if !job.warnings.isEmpty {
            parts.append(job.warnings.map { "warning: \($0.printable)" }.joined(separator: "\n"))
        }
        return (parts + [next]).joined(separator: "\n\n")
    }

    private var version: String { job.headVersion.map(String.init) ?? "?" }

    private var heading: String {
        let state = isPromoted ? "is trained and served" : "is trained, but not promoted"
        guard let metrics = FineTuneMetrics(job.metrics) else {
            return "Head '\(job.head)', version \(version), \(state)."
        }
        let skipped = metrics.skippedImages > 0 ? " (\(metrics.skippedImages) more were left out)" : ""
        return """
            Head '\(job.head)', version \(version), \(state).
            It learned \(metrics.labels.count) classes from \(metrics.images) images\(skipped) of dataset '\(job.dataset)' \
            on model '\(job.model)': \
            \(String(format: "%.1f s for features, %.1f s for the rest", metrics.seconds.embedding, metrics.seconds.training)).
            """
    }

    private func evaluation(_ metrics: FineTuneMetrics) -> String {
        let found = metrics.validation
        let method =
            if let folds = found.folds {
                "by \(folds)-fold cross-validation, each of \(found.images) images by a head that learned from others "
                    + "(\(found.trainingImages) of them)"
            } else {
                "on \(found.images) images held out, by a head that learned from the other \(found.trainingImages)"
            }
        return """
            Evaluated \(method):
              accuracy           \(found.accuracy.percent)
              balanced accuracy  \(found.balancedAccuracy.percent)
              log-loss           \(String(format: "%.4f", found.logLoss))
              calibration error  \(found.ece.percent)
            """
    }

    private func classes(_ metrics: FineTuneMetrics) -> String {
        var rows = metrics.labels.compactMap { label in metrics.validation.perClass[label].map { (label, $0) } }
        var title: [String] = []
        if rows.count > Self.tableClasses {
            rows = Array(rows.sorted { $0.1.f1 < $1.1.f1 }.prefix(Self.tableClasses))
            title = ["The \(Self.tableClasses) classes of \(metrics.labels.count) that are told apart worst:"]
        }
        var table = Table(header: ["class", "precision", "recall", "F1", "images"], leftAligned: [0])
        for (label, found) in rows {
            table.append([
                label.shortened(to: 40), found.precision.percent, found.recall.percent, found.f1.percent,
                "\(found.images)",
            ])
        }
        return (title + [table.text]).joined(separator: "\n")
    }

    private func confusion(_ metrics: FineTuneMetrics) -> String? {
        guard metrics.labels.count <= Self.confusionClasses else { return nil }
        var table = Table(header: ["is \\ taken for"] + metrics.labels.map { $0.shortened(to: 12) }, leftAligned: [0])
        for (label, counts) in zip(metrics.labels, metrics.validation.confusion) {
            table.append([label.shortened(to: 40)] + counts.map(String.init))
        }
        return table.text
    }

    private var next: String {
        guard isPromoted else { return "Serve it:\n  martlet heads promote \(job.head) \(version)\(arguments)" }
        return """
            Try it:
              martlet classify --head \(job.head)\(arguments) photo.jpg
            or, with 'martlet serve\(arguments)' running:
              curl --data-binary @photo.jpg 'localhost:8080/classify?head=\(job.head)'
            """
    }
}

extension String {
    /// At most so many characters, of which the last says that there are more.
    func shortened(to limit: Int) -> String { count <= limit ? self : "\(prefix(limit - 1))…" }
}
