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
    /// The most numbers that describe a dataset: 512 MiB. With several views they are there once by view and once as one
    /// matrix, and evaluation keeps five folds' training sets beside: about 1.6 GiB in all.
    private static let featureLimit = 1 << 27
    /// A job that ends the process so many times is not taken up once more.
    private static let interruptionLimit = 3

    /// - Throws: why the job fails; `CancellationError` and ``StoreError/jobEnded(_:_:)`` where it is cancelled.
    func run(_ job: Job) async throws -> JobOutcome {
        let progress = JobProgress(job: job.id, store: store, onSave: onChange)
        try Task.checkCancellation()
        let interruptions = try await store.startJob(job.id).interruptions
        guard interruptions < Self.interruptionLimit else {
            throw FineTuneFailure(
                "the server ended \(interruptions) times while the job ran, without a stop: probably it had too little "
                    + "memory for the job; train on fewer images, or without augmentation")
        }
        onChange()
        return try await progress.saving { try await run(job, progress) }
    }

    private func run(_ job: Job, _ progress: JobProgress) async throws -> JobOutcome {
        let options = try JSONDecoder().decode(FineTuneOptions.self, from: job.request)
        let start = ContinuousClock.now
        progress.note(stage: "embedding", fraction: 0)
        let network = try await networks.network(named: job.model)
        let all = try await store.images(of: job.dataset, after: nil, limit: .max)
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
            store: store, network: network, dataset: job.dataset, views: views,
            pace: FeaturePace(networks: networks, givesWay: givesWay))
        try await features.add(contents) { part in
            progress.note(stage: "embedding", fraction: Self.embeddingShare * part)
        }
        let embedded = ContinuousClock.now
        var warnings = FineTuneWarnings(contents, features.skipped)
        if !warnings.texts.isEmpty {
            // Too few images left is why a job fails; which were left out is why there are too few.
            _ = try await store.updateJob(job.id, JobUpdate(warnings: warnings.texts), event: nil)
        }
        let lesson = try Lesson(features)
        let trained = try await train(lesson, options, network, progress)
        warnings.add(lesson, trained)
        progress.note(stage: "saving", fraction: 1)
        let metrics = try FineTuneMetrics(
            trained, lesson, skipped: features.skipped.count + contents.contradictory, embedding: embedded - start,
            training: .now - embedded
        ).json()
        _ = try await store.updateJob(
            job.id, JobUpdate(stage: "saving", progress: 1, metrics: metrics, warnings: warnings.texts), event: nil)
        let provenance = HeadProvenance(
            model: network.name, space: network.space, dataset: job.dataset,
            datasetDigest: ContentDigest(ofDataset: all.filter { !features.deleted.contains($0.id) }),
            seed: options.seed, job: job.id)
        let file = HeadFile(
            classifier: trained.classifier, novelty: trained.novelty, provenance: provenance, metrics: metrics)
        let version = NewHeadVersion(
            kind: file.kind, labels: file.classifier.classes, tensors: try file.serialized(), provenance: provenance,
            metrics: metrics)
        return .succeeded(version, promote: options.promote)
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
