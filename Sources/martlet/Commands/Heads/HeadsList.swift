import ArgumentParser
import Foundation
import MartletAPI
import Service

struct HeadsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the heads, or the versions of one.")

    @Argument(help: ArgumentHelp("The head whose versions to list.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("The one version to list.", valueName: "n"))
    var version: Int?

    @OptionGroup var storage: StoreOptions

    @Flag(help: "Print JSON, as the server answers it.")
    var json = false

    func validate() throws {
        if version != nil, name == nil { throw ValidationError("--version is a head's; name the head") }
    }

    func run() async throws {
        let path = name.map { "/\($0)/versions" + (version.map { "/\($0)" } ?? "") } ?? ""
        let text = try await storage.open(orAsk: "curl localhost:8080/heads\(path)") { store in
            if let name { try await versions(of: name, store) } else { try await heads(store) }
        }
        try StandardOutput.write(text)
    }

    private func heads(_ store: any Store) async throws(StoreError) -> String {
        var heads: [(head: Head, version: HeadVersion)] = []
        while case let page = try await store.heads(after: heads.last?.head.name, limit: 100), !page.isEmpty {
            for head in page {
                heads.append((head, try await store.headVersion(head.promoted ?? head.latest, of: head.name)))
            }
        }
        guard !json else {
            return "{\"heads\":[\(heads.map { $0.head.json(version: $0.version) }.joined(separator: ","))]}"
        }
        guard !heads.isEmpty else { return "There are no heads; 'martlet teach' trains one." }
        var table = Table(
            header: ["head", "promoted", "versions", "classes", "accuracy", "learned from", "created"],
            leftAligned: [0, 5, 6])
        for (head, version) in heads {
            let metrics = FineTuneMetrics(version.metrics)
            table.append([
                head.name, head.promoted.map(String.init) ?? "none", "\(head.versionCount)",
                "\(version.labels.count)", metrics?.validation.accuracy.percent ?? "–", version.source(metrics),
                version.created.shown,
            ])
        }
        return table.text
    }

    private func versions(of name: String, _ store: any Store) async throws(StoreError) -> String {
        var versions: [HeadVersion] = []
        if let version {
            versions = [try await store.headVersion(version, of: name)]
        } else {
            while case let page = try await store.headVersions(of: name, before: versions.last?.version, limit: 100),
                !page.isEmpty
            { versions += page }
        }
        guard !json else { return "{\"versions\":[\(versions.map(\.json).joined(separator: ","))]}" }
        return versions.map(\.description).joined(separator: "\n\n")
    }
}

extension HeadVersion {
    /// What it learned from.
    fileprivate func source(_ metrics: FineTuneMetrics?) -> String {
        let images = metrics.map { "\($0.images) images" }
        return [images, provenance.dataset?.printable].compactMap(\.self).joined(separator: " of ")
    }

    fileprivate var description: String {
        let metrics = FineTuneMetrics(metrics)
        let found = metrics?.validation
        let lines: [(String, String?)] = [
            ("type", kind.rawValue),
            (
                "classes",
                "\(labels.count): \(labels.prefix(20).joined(separator: ", "))\(labels.count > 20 ? ", …" : "")"
            ),
            ("accuracy", found?.accuracy.percent), ("balanced", found?.balancedAccuracy.percent),
            ("log-loss", found.map { String(format: "%.4f", $0.logLoss) }), ("calibration", found?.ece.percent),
            ("evaluated", found.map { "\($0.images) images, \($0.method.printable)" }),
            ("novelty", metrics?.novelty?.printable),
            ("learned from", source(metrics).isEmpty ? nil : source(metrics)),
            ("dataset", provenance.datasetDigest.map { "sha256:\($0)" }),
            ("model", "\(provenance.model.printable), layer \(provenance.space.layer.printable)"),
            ("model files", "sha256:\(provenance.space.model)"), ("seed", provenance.seed.map(String.init)),
            ("job", provenance.job?.printable ?? "none: it was imported"), ("size", "\(grouped(byteCount)) bytes"),
            ("created", created.shown),
        ]
        let width = lines.map(\.0.count).max() ?? 0
        return
            (["\(head), version \(version)\(isPromoted ? ", promoted" : "")"]
            + lines.compactMap { name, value in
                value.map { "  \(name)\(String(repeating: " ", count: width - name.count))  \($0)" }
            }).joined(separator: "\n")
    }
}
