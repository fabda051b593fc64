import Foundation
import Inference
import Persistence
import Service

/// A store that lets a test come between its calls.
struct StoreDouble: Store {
    let base: SQLiteStore
    /// Runs whenever images were read, before they are given.
    var afterImages: @Sendable (SQLiteStore) async -> Void = { _ in }
    /// Runs whenever a head or the end of a job was committed, before the call returns.
    var afterHeadChange: @Sendable () async -> Void = {}
    /// Runs before the unfinished jobs are read.
    var beforeUnfinishedJobs: @Sendable () async -> Void = {}

    func reclaimSpace() async { await base.reclaimSpace() }

    // MARK: Datasets

    func putDataset(_ name: String, retention: Retention?) async throws(StoreError) -> (dataset: Dataset, isNew: Bool) {
        try await base.putDataset(name, retention: retention)
    }
    func dataset(_ name: String) async throws(StoreError) -> Dataset { try await base.dataset(name) }
    func datasets(after name: String?, limit: Int) async throws(StoreError) -> [Dataset] {
        try await base.datasets(after: name, limit: limit)
    }
    func deleteDataset(_ name: String) async throws(StoreError) { try await base.deleteDataset(name) }
    func addImages(_ images: [NewImage], to dataset: String) async throws(StoreError) -> [AddedImage] {
        try await base.addImages(images, to: dataset)
    }
    func images(of dataset: String, after id: Int64?, limit: Int) async throws(StoreError) -> [DatasetImage] {
        let images = try await base.images(of: dataset, after: id, limit: limit)
        await afterImages(base)
        return images
    }
    func image(_ id: Int64, of dataset: String) async throws(StoreError) -> DatasetImage {
        try await base.image(id, of: dataset)
    }
    func deleteImage(_ id: Int64, of dataset: String) async throws(StoreError) {
        try await base.deleteImage(id, of: dataset)
    }
    func bytes(of image: ContentDigest) async throws(StoreError) -> [UInt8]? { try await base.bytes(of: image) }

    // MARK: Embeddings

    func embeddings(of images: [ContentDigest], in space: EmbeddingSpace, variant: String)
        async throws(StoreError) -> [ContentDigest: [Float]]
    {
        try await base.embeddings(of: images, in: space, variant: variant)
    }
    func saveEmbeddings(_ embeddings: [StoredEmbedding], in space: EmbeddingSpace) async throws(StoreError) {
        try await base.saveEmbeddings(embeddings, in: space)
    }
    func deleteUnretainedFiles(of images: [ContentDigest]) async throws(StoreError) {
        try await base.deleteUnretainedFiles(of: images)
    }

    // MARK: Jobs

    func createJob(_ job: NewJob, images: [NewImage], retention: Retention?) async throws(StoreError) -> JobCreation {
        try await base.createJob(job, images: images, retention: retention)
    }
    func job(_ id: String) async throws(StoreError) -> Job { try await base.job(id) }
    func job(for key: IdempotencyKey) async throws(StoreError) -> Job? { try await base.job(for: key) }
    func jobs(before id: String?, limit: Int) async throws(StoreError) -> [Job] {
        try await base.jobs(before: id, limit: limit)
    }
    func unfinishedJobs() async throws(StoreError) -> [Job] {
        await beforeUnfinishedJobs()
        return try await base.unfinishedJobs()
    }
    func startJob(_ id: String) async throws(StoreError) -> Job { try await base.startJob(id) }
    func suspendJob(_ id: String) async throws(StoreError) { try await base.suspendJob(id) }
    func updateJob(_ id: String, _ update: JobUpdate, event: NewJobEvent?)
        async throws(StoreError) -> (job: Job, event: JobEvent?)
    {
        try await base.updateJob(id, update, event: event)
    }
    func finishJob(_ id: String, _ outcome: JobOutcome, event: NewJobEvent?)
        async throws(StoreError) -> (job: Job, head: HeadVersion?)
    {
        let finished = try await base.finishJob(id, outcome, event: event)
        await afterHeadChange()
        return finished
    }
    func events(of job: String, after sequence: Int) async throws(StoreError) -> [JobEvent] {
        try await base.events(of: job, after: sequence)
    }

    // MARK: Heads

    func saveHead(_ name: String, _ version: NewHeadVersion, promote: Bool) async throws(StoreError) -> HeadVersion {
        let saved = try await base.saveHead(name, version, promote: promote)
        await afterHeadChange()
        return saved
    }
    func head(_ name: String) async throws(StoreError) -> Head { try await base.head(name) }
    func heads(after name: String?, limit: Int) async throws(StoreError) -> [Head] {
        try await base.heads(after: name, limit: limit)
    }
    func shownVersions(of heads: [Head]) async throws(StoreError) -> [String: HeadVersion] {
        try await base.shownVersions(of: heads)
    }
    func headVersion(_ version: Int?, of head: String) async throws(StoreError) -> HeadVersion {
        try await base.headVersion(version, of: head)
    }
    func headVersions(of head: String, before version: Int?, limit: Int) async throws(StoreError) -> [HeadVersion] {
        try await base.headVersions(of: head, before: version, limit: limit)
    }
    func tensors(ofVersion version: Int, head: String) async throws(StoreError) -> Data {
        try await base.tensors(ofVersion: version, head: head)
    }
    func promote(_ version: Int, of head: String) async throws(StoreError) -> Head {
        let promoted = try await base.promote(version, of: head)
        await afterHeadChange()
        return promoted
    }
    func deleteHeadVersion(_ version: Int, of head: String) async throws(StoreError) {
        try await base.deleteHeadVersion(version, of: head)
        await afterHeadChange()
    }
    func deleteHead(_ name: String) async throws(StoreError) {
        try await base.deleteHead(name)
        await afterHeadChange()
    }
}

/// Where others wait until it is open.
final class Gate: Sendable {
    private let state = Locked((isOpen: false, visitors: 0))

    /// How many came, whether or not they had to wait.
    var visitors: Int { state.withLock(\.visitors) }

    func open() { state.withLock { $0.isOpen = true } }
    func close() { state.withLock { $0.isOpen = false } }

    /// Cancellation does not open it.
    func pass() async {
        state.withLock { $0.visitors += 1 }
        while !state.withLock(\.isOpen) { await Self.pause() }
    }

    /// Returns when somebody has come.
    func visited() async {
        while visitors == 0 { await Self.pause() }
    }

    private static func pause() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(2)) { continuation.resume() }
        }
    }
}
