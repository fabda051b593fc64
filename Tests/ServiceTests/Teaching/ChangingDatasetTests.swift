import Foundation
import Inference
import Persistence
import Testing

@testable import Service

/// Jobs on datasets that change meanwhile, or have images that cannot be learned from.
@Suite(.timeLimit(.minutes(2)))
struct ChangingDatasetTests {
    private func options(_ change: (inout FineTuneOptions) -> Void = { _ in }) -> FineTuneOptions {
        var options = FineTuneOptions()
        options.head = "bikes"
        change(&options)
        return options
    }

    private func ended(_ teaching: Teaching, _ job: Job) async throws -> Job {
        let job = try await teaching.jobs.job(job.id, endingWithin: .seconds(60))
        #expect(job.state == .succeeded, "\(job)")
        return job
    }

    @Test func `a job ends although its dataset never stands still, and says what it held`() async throws {
        let base = try await SQLiteStore.inMemory()
        let seen = Locked<[DatasetImage]>([])
        let store = StoreDouble(
            base: base,
            afterImages: { base in
                let images = try? await base.images(of: "bikes", after: nil, limit: .max)
                seen.withLock { if $0.isEmpty { $0 = images ?? [] } }
                let image = try? NewImage(bytes: Array("1 0 0 \(images?.count ?? 0)".utf8), label: "road")
                _ = try? await base.addImages([image].compactMap(\.self), to: "bikes")
            })
        let teaching = Teaching(store: store, networks: FakeNetworks())
        let job = try await ended(teaching, teaching.jobs.submit(options(), images: roadsAndMountains()).job)
        #expect(FineTuneMetrics(job.metrics)?.images == 20)
        let head = try await teaching.heads.servedHead("bikes")
        #expect(head.provenance.datasetDigest == ContentDigest(ofDataset: seen.withLock(\.self)))
    }

    @Test func `an image that is deleted before its turn is named as that, and is no part of what the head has seen`()
        async throws
    {
        let store = try await SQLiteStore.inMemory()
        let gate = Gate()
        let networks = FakeNetworks()
        networks.record.gate.withLock { $0 = { await gate.pass() } }
        let teaching = Teaching(store: store, networks: networks)
        let creation = try await teaching.jobs.submit(options(), images: roadsAndMountains(50))
        guard case .added(let id) = try #require(creation.images.last) else { return }
        await gate.visited()
        try await store.deleteImage(id, of: "bikes")
        gate.open()
        let job = try await ended(teaching, creation.job)
        #expect(
            job.warnings.contains { $0.contains("image \(id) ") && $0.contains("was deleted while the job ran") },
            "\(job.warnings)")
        let left = try await store.images(of: "bikes", after: nil, limit: .max)
        let head = try await teaching.heads.servedHead("bikes")
        #expect(left.count == 99 && head.provenance.datasetDigest == ContentDigest(ofDataset: left))
    }

    @Test func `every image that was not learned from counts as skipped`() async throws {
        let teaching = Teaching(store: try await SQLiteStore.inMemory(), networks: FakeNetworks())
        let roads = try roadsAndMountains()
        let wrong = try NewImage(bytes: roads[0].bytes, label: "mountain")
        let broken = try NewImage(bytes: Array("not numbers".utf8), label: "road")
        let job = try await ended(teaching, teaching.jobs.submit(options(), images: roads + [wrong, broken]).job)
        let metrics = try #require(FineTuneMetrics(job.metrics))
        #expect(metrics.images == 19 && metrics.skippedImages == 3)
    }

    @Test func `where no pixels are kept, none are of contradictions and of what cannot be decoded`() async throws {
        let store = try await SQLiteStore.inMemory()
        let teaching = Teaching(store: store, networks: FakeNetworks())
        let roads = try roadsAndMountains()
        let wrong = try NewImage(bytes: roads[0].bytes, label: "mountain")
        let broken = try NewImage(bytes: Array("not numbers".utf8), label: "road")
        _ = try await store.putDataset("open", retention: .images)
        let kept = try NewImage(bytes: Array("no number".utf8), label: "road")
        _ = try await store.addImages([kept], to: "open")
        _ = try await ended(
            teaching,
            teaching.jobs.submit(options { $0.retain = .embeddings }, images: roads + [wrong, broken, kept]).job)
        for image in roads + [broken] { #expect(try await store.bytes(of: image.digest) == nil, "\(image.label)") }
        #expect(try await store.bytes(of: kept.digest) == kept.bytes, "another dataset retains it")
        // What contradicted can be learned from when one of the two is gone.
        let id = try #require(
            try await store.images(of: "bikes", after: nil, limit: .max).last { $0.digest == wrong.digest }
        ).id
        try await store.deleteImage(id, of: "bikes")
        let again = try await ended(teaching, teaching.jobs.submit(options()).job)
        #expect(FineTuneMetrics(again.metrics)?.images == 20)
        #expect(again.warnings.contains { $0.contains("its pixels were not kept") }, "\(again.warnings)")
    }
}
