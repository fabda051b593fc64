import Foundation
import Persistence
import Service

/// Where a test's store is.
enum Place: CaseIterable, Sendable {
    case memory, file
}

/// A store for one test.
func withStore<R>(_ place: Place, _ body: (SQLiteStore) async throws -> R) async throws -> R {
    switch place {
    case .memory: try await body(.inMemory())
    case .file: try await withTemporaryFolder { try await body(.open($0.appending(path: "martlet.db").path)) }
    }
}

/// A folder for one test, deleted after it.
func withTemporaryFolder<R>(_ body: (URL) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// An image whose bytes are the text's.
func image(_ text: String, _ label: String, filename: String? = nil) throws -> NewImage {
    try NewImage(bytes: Array(text.utf8), label: label, filename: filename)
}

func digest(_ text: String) throws -> ContentDigest {
    guard let digest = ContentDigest(of: Array(text.utf8)) else { throw StoreError.failed("no digest") }
    return digest
}

func space(_ layer: String = "pool") throws -> EmbeddingSpace {
    EmbeddingSpace(model: try digest("model"), preprocessing: try digest("preprocessing"), layer: layer)
}

func version(_ tensors: String = "tensors", metrics: String? = nil) throws -> NewHeadVersion {
    NewHeadVersion(
        kind: .logistic, labels: ["road", "mountain"], tensors: Data(tensors.utf8),
        provenance: HeadProvenance(
            model: "net", space: try space(), dataset: "bikes", datasetDigest: try digest("d"), seed: .max, job: "j"),
        metrics: metrics.map { Data($0.utf8) })
}

extension Store {
    /// A queued job for a head, on a dataset of one image.
    func queue(_ head: String, dataset: String = "d") async throws -> Job {
        try await createJob(
            NewJob(head: head, dataset: dataset, model: "net", request: Data("{}".utf8)),
            images: [NewImage(bytes: Array("x".utf8), label: "road")],
            retention: .images
        ).job
    }
}

extension DatasetStore {
    func digest(of dataset: String) async throws -> ContentDigest? {
        ContentDigest(ofDataset: try await images(of: dataset, after: nil, limit: .max))
    }
}
