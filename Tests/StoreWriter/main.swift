import Foundation
import Persistence
import Service

/// Works on the store named on the command line until it is killed, as a server would. A line on standard output says
/// what the store has acknowledged, and so what must be there after the kill: its kind and two names.
func acknowledge(_ kind: String, _ first: some CustomStringConvertible, _ second: some CustomStringConvertible) {
    FileHandle.standardOutput.write(Data("\(kind) \(first) \(second)\n".utf8))
}

/// An upload of up to 20 images, whose file names say which upload they came with, and with how many others.
func upload() throws -> [NewImage] {
    let (name, count) = (UUID().uuidString, Int.random(in: 1...20))
    return try (0..<count).map { index in
        // Different ones, made in no time: the kill is to come while the store works.
        let bytes = Array(UUID().uuidString.utf8) + Array(repeating: 0, count: Int.random(in: 0...60_000))
        return try NewImage(bytes: bytes, label: "l\(index % 3)", filename: "\(name)/\(count)")
    }
}

func train(on store: SQLiteStore, _ job: Job) async throws {
    _ = try await store.startJob(job.id)
    var after: Int64?
    guard let model = ContentDigest(of: [1]), let preprocessing = ContentDigest(of: [2]) else { return }
    let space = EmbeddingSpace(model: model, preprocessing: preprocessing, layer: "pool")
    while case let page = try await store.images(of: job.dataset, after: after, limit: 5), let last = page.last {
        let vector = (0..<1280).map(Float.init)
        try await store.saveEmbeddings(page.map { StoredEmbedding(image: $0.digest, vector: vector) }, in: space)
        for image in page { acknowledge("embedding", image.digest, job.dataset) }
        let event = NewJobEvent(name: "progress", data: Data("{}".utf8))
        let (_, appended) = try await store.updateJob(job.id, JobUpdate(stage: "embedding"), event: event)
        if let appended { acknowledge("event", job.id, appended.sequence) }
        after = last.id
    }
    let head = NewHeadVersion(
        kind: .logistic, labels: ["a"], tensors: Data(count: 50_000),
        provenance: HeadProvenance(model: "net", space: space, job: job.id))
    let (_, saved) = try await store.finishJob(job.id, .succeeded(head, promote: true), event: nil)
    if let saved { acknowledge("head", job.id, saved.version) }
}

let store: SQLiteStore
do {
    store = try await SQLiteStore.open(CommandLine.arguments[1])
} catch {
    FileHandle.standardError.write(Data("\(error)".utf8))
    exit(1)
}
acknowledge("open", getpid(), 0)
for job in try await store.unfinishedJobs() { try await train(on: store, job) }
while true {
    let images = try upload()
    // Each dataset retains one thing: files that are gone do not come back when it changes.
    let number = Int.random(in: 0..<4)
    let job = try await store.createJob(
        NewJob(head: "bikes", dataset: "d\(number)", model: "net", request: Data("{}".utf8)),
        images: images, retention: number.isMultiple(of: 2) ? .images : .embeddings
    ).job
    acknowledge("job", job.id, job.dataset)
    for image in images { acknowledge("image", image.digest, job.dataset) }
    try await train(on: store, job)
    if Int.random(in: 0..<6) == 0 {
        acknowledge("deleting", job.dataset, 0)
        try await store.deleteDataset(job.dataset)
        acknowledge("deleted", job.dataset, 0)
    }
}
