import Compute
import Foundation
import Inference
import Learning

/// One job's way from a dataset to a head.
struct FineTuneRun: Sendable {
    let store: any Store
    let networks: any FeatureNetworks
    let pool: ComputePool?
    let background: BackgroundQueue
    let givesWay: Bool
    let onChange: @Sendable () -> Void

    /// The share of the progress that computing features has.
    private static let embeddingShare = 0.6
    /// The most numbers that describe a dataset: 1 GiB, which evaluation needs once more.
    private static let featureLimit = 1 << 28

    /// - Throws: why the job fails; `CancellationError` and ``StoreError/jobEnded(_:_:)`` where it is cancelled.
    func run(_ job: Job) async throws -> JobOutcome {
        let progress = JobProgress(job: job.id, store: store, onSave: onChange)
        _ = try await store.startJob(job.id)
        onChange()
        return try await progress.saving { try await run(job, progress) }
    }

    private func run(_ job: Job, _ progress: JobProgress) async throws -> JobOutcome {
        let options = try JSONDecoder().decode(FineTuneOptions.self, from: job.request)
        let start = ContinuousClock.now
        progress.note(stage: "embedding", fraction: 0)
        let network = try await networks.network(named: job.model)
        let (all, digest) = try await images(of: job.dataset)
        let contents = DatasetContents(all)
        let views = options.augmentation.views
        let (numbers, overflow) = (contents.images.count * views.count).multipliedReportingOverflow(
            by: network.dimensions)
        guard !overflow, numbers <= Self.featureLimit else {
            throw FineTuneFailure(
                "\(contents.images.count) images with \(views.count) views of \(network.dimensions) features each are "
                    + "more than the \(Self.featureLimit) numbers that a job takes")
        }
        var features = DatasetFeatures(
            store: store, network: network, views: views, pace: FeaturePace(networks: networks, givesWay: givesWay))
        try await features.add(contents.images) { done in
            let part = Double(done) / Double(max(1, contents.images.count))
            progress.note(stage: "embedding", fraction: Self.embeddingShare * part)
        }
        let embedded = ContinuousClock.now
        let lesson = try Lesson(features)
        let trained = try await train(lesson, options, network, progress)
        let warnings = FineTuneWarnings(contents, features.skipped, lesson, trained)
        progress.note(stage: "saving", fraction: 1)
        let metrics = try FineTuneMetrics(
            trained, lesson, skipped: features.skipped.count, embedding: embedded - start,
            training: .now - embedded
        ).json()
        _ = try await store.updateJob(
            job.id, JobUpdate(stage: "saving", progress: 1, metrics: metrics, warnings: warnings.texts), event: nil)
        let provenance = HeadProvenance(
            model: network.name, space: network.space, dataset: job.dataset, datasetDigest: digest,
            seed: options.seed, job: job.id)
        let file = HeadFile(
            classifier: trained.classifier, novelty: trained.novelty, provenance: provenance, metrics: metrics)
        let version = NewHeadVersion(
            kind: file.kind, labels: file.classifier.classes, tensors: try file.serialized(), provenance: provenance,
            metrics: metrics)
        return .succeeded(version, promote: options.promote)
    }

    /// All images, and the dataset's digest while it had these: others may be added or deleted between two pages.
    private func images(of dataset: String) async throws -> ([DatasetImage], ContentDigest) {
        while true {
            let digest = try await store.digest(of: dataset)
            var images: [DatasetImage] = []
            while case let page = try await store.images(of: dataset, after: images.last?.id, limit: 1000),
                !page.isEmpty
            {
                images += page
            }
            if try await store.digest(of: dataset) == digest { return (images, digest) }
            try Task.checkCancellation()
        }
    }

    /// Fits the head on a thread of its own.
    private func train(
        _ lesson: Lesson, _ options: FineTuneOptions, _ network: any FeatureNetwork, _ progress: JobProgress
    ) async throws -> TrainedHead {
        let isCancelled = Locked(false)
        return try await withTaskCancellationHandler {
            let result: Result<TrainedHead, any Error> = await background.run { [pool] in
                Result {
                    let samples = try lesson.labelledFeatures(dimensions: network.dimensions, pool: pool)
                    return try HeadTraining(options).run(samples, images: lesson.images.count, pool: pool) { step in
                        if isCancelled.withLock({ $0 }) { throw CancellationError() }
                        progress.note(
                            stage: step.stage.rawValue,
                            fraction: Self.embeddingShare + (1 - Self.embeddingShare) * step.fraction, loss: step.loss)
                    }
                }
            }
            return try result.get()
        } onCancel: {
            isCancelled.withLock { $0 = true }
        }
    }
}

/// Why a job cannot be done, in a sentence.
struct FineTuneFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
