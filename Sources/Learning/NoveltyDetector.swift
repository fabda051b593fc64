import Compute
import Foundation

/// Tells whether a sample looks like the classes that a head was taught, from a frozen network's embedding: the open-set
/// score "none of these".
///
/// A score is relative to the threshold: up to 1 the sample is known, above it is novel. For the distances, of embeddings
/// scaled to length 1, it is distance / threshold; for the energy E, exp(E − threshold).
public struct NoveltyDetector: Sendable {
    /// What a score measures.
    ///
    /// Taught 5 classes of Fashion-MNIST on EfficientNet-Lite0's embeddings, the other 5 rank above them with these areas under the
    /// ROC, means over 36 choices of the 5 (`Benchmarks/novelty`):
    ///
    /// | images a class      |     2 |     5 |    10 |    20 |   100 |  1000 |
    /// | ------------------- | ----- | ----- | ----- | ----- | ----- | ----- |
    /// | `mahalanobis`       | 0.755 | 0.810 | 0.825 | 0.834 | 0.841 | 0.842 |
    /// | `nearest-neighbour` | 0.748 | 0.794 | 0.807 | 0.824 | 0.834 | 0.839 |
    /// | `energy`            | 0.419 | 0.500 | 0.581 | 0.643 | 0.711 | 0.685 |
    public enum Method: String, CaseIterable, Codable, Sendable {
        /// The distance to the nearest class's mean under one covariance for all classes: Lee et al., "A Simple Unified Framework
        /// for Detecting Out-of-Distribution Samples and Adversarial Attacks", 2018. The best with any number of
        /// samples, and smaller and faster than the neighbours.
        case mahalanobis
        /// The distance to the k-th nearest taught sample: Sun et al., "Out-of-Distribution Detection with Deep Nearest
        /// Neighbors", 2022. Works with any classes' shapes and keeps up to 1000 samples.
        case nearestNeighbour = "nearest-neighbour"
        /// −log Σ exp(logit) of the classifier: Liu et al., "Energy-based Out-of-distribution Detection", 2020. Keeps
        /// nothing. The logits of a linear head on standardised features grow away from the classes, too: rather not.
        case energy
    }

    public let method: Method
    public let features: Int
    /// The distance or energy that a score of 1 stands for.
    public let threshold: Float
    /// `nil` for the energy.
    private let distance: (any NoveltyDistance)?

    /// The threshold is a quantile of samples that the detector was not fitted on, since those it was fitted on are nearer than
    /// others will be: each fold's, by a detector of the other folds. It is the ⌈(n + 1)·rate⌉-th smallest of n, or the largest:
    /// a new sample of the taught classes is below it with at least that probability (Vovk et al., "Algorithmic Learning in a
    /// Random World", 2005), for n of 19 and more at 0.95.
    ///
    /// Looks at about 3,000 samples, of each class its share. The same seed gives the same detector, bit for bit, with
    /// any number of threads.
    ///
    /// - Parameters:
    ///   - logits: of each sample, by a classifier that was not fitted on it; ``Method/energy`` needs them, nothing else does.
    ///   - truePositiveRate: the part of samples of the taught classes that shall be recognised as known.
    ///   - observer: called between fits with the part that is done, 0 … 1; what it throws ends them and is thrown by this.
    /// - Throws: ``LearningError/tooFewSamples(what:expected:found:)`` where a distance has fewer than two samples more than
    ///   classes.
    public static func fit(
        _ method: Method = .mahalanobis, _ samples: LabelledFeatures, logits: ClassScores? = nil,
        truePositiveRate: Double = 0.95, seed: UInt64 = 0, pool: ComputePool?,
        observer: (_ part: Double) throws -> Void = { _ in }
    ) throws -> NoveltyDetector {
        try LearningError.check(
            truePositiveRate > 0 && truePositiveRate < 1, "the true-positive rate", "between 0 and 1", truePositiveRate)
        let features = samples.features.features
        guard let kind = method.distance else {
            let energies = try energies(logits, samples: samples.labels.count)
            if let sample = energies.firstIndex(where: { !$0.isFinite }) {
                throw LearningError.notFinite(sample: sample)
            }
            return NoveltyDetector(
                method: method, features: features, threshold: quantile(energies, truePositiveRate), distance: nil)
        }
        let classes = samples.classes.count
        let taught = try samples.subset(of: max(maximumSamples, 4 * classes), seed: seed, pool: pool)
        guard taught.labels.count >= classes + 2 else {
            throw LearningError.tooFewSamples(
                what: "a novelty threshold of \(classes) classes", expected: classes + 2, found: taught.labels.count)
        }
        let distance = try kind.fit(taught, seed: seed, pool: pool)
        let heldOut = try heldOutDistances(distance, taught, seed: seed, pool: pool, observer: observer)
        let threshold = max(quantile(heldOut, truePositiveRate), distance.resolution)
        return NoveltyDetector(method: method, features: features, threshold: threshold, distance: distance)
    }

    private static let maximumSamples = 3000

    private init(method: Method, features: Int, threshold: Float, distance: (any NoveltyDistance)?) {
        self.method = method
        self.features = features
        self.threshold = threshold
        self.distance = distance
    }

    /// - Parameters:
    ///   - values: `[samples, features]`, row-major.
    ///   - logits: of the samples, by the classifier that is served; ``Method/energy`` needs them.
    /// - Returns: for each sample a finite number from 0, larger for one less like the taught ones; above 1 means "none of these".
    ///   The largest float where a feature or logit is not finite.
    /// - Throws: ``LearningError/sizeMismatch(what:expected:found:)`` where values or logits are not whole rows, as many as one
    ///   another.
    public func scores(_ values: [Float], logits: ClassScores? = nil, pool: ComputePool?) throws -> [Float] {
        let samples = try UnitVectors(values, features: features)
        let scores: [Float] =
            if let distance {
                distance.distances(samples, pool: pool).map { $0 / threshold }
            } else {
                try Self.energies(logits, samples: samples.count).map { exp($0 - threshold) }
            }
        return scores.map { $0.isFinite ? $0 : .greatestFiniteMagnitude }
    }

    /// What ``init(method:threshold:tensors:features:)`` takes, for a safetensors file: at most one vector a class and 32 more, or
    /// 1000, or nothing, by method.
    public var tensors: [String: Tensor] { distance?.tensors ?? [:] }

    /// A detector that was stored. Tensors that the method does not know are ignored.
    ///
    /// - Throws: `LearningError` where a tensor is missing, of another shape than the method's, or not finite.
    public init(method: Method, threshold: Float, tensors: [String: Tensor], features: Int) throws {
        try LearningError.check(features > 0, "the features' number", "positive", Double(features))
        try LearningError.check(
            threshold.isFinite && (method == .energy || threshold > 0), "the novelty threshold",
            method == .energy ? "finite" : "positive and finite", Double(threshold))
        let distance = try method.distance?.init(tensors: tensors, features: features)
        self.init(method: method, features: features, threshold: threshold, distance: distance)
    }

    /// Each sample's distance by a fit to the other folds; of a class's only sample there is none.
    private static func heldOutDistances(
        _ distance: any NoveltyDistance, _ samples: LabelledFeatures, seed: UInt64, pool: ComputePool?,
        observer: (_ part: Double) throws -> Void
    ) throws -> [Float] {
        let labels = samples.labels
        // Of few samples, each one more to fit on makes a difference.
        let folds = StratifiedSplit.folds(
            labels: labels, classes: samples.classes.count, count: labels.count < 200 ? 10 : 5, seed: seed)
        return try folds.enumerated().filter { !$0.element.isEmpty }.flatMap { index, fold in
            // The fit to all samples took as long as one of these.
            try observer(Double(index + 1) / Double(folds.count + 1))
            let heldOut = Set(fold)
            let others = try samples.selecting(labels.indices.filter { !heldOut.contains($0) }, pool: pool)
            let refitted = try distance.refitted(to: others, seed: seed, pool: pool)
            let values = fold.flatMap { samples.features.row($0) }
            return refitted.distances(try UnitVectors(values, features: samples.features.features), pool: pool)
        }
    }

    private static func energies(_ logits: ClassScores?, samples: Int) throws(LearningError) -> [Float] {
        guard let logits, logits.samples == samples else {
            throw .sizeMismatch(what: "samples with logits", expected: samples, found: logits?.samples ?? 0)
        }
        return (0..<samples).map { Float(-logits.logSumExp($0)) }
    }

    private static func quantile(_ scores: [Float], _ rate: Double) -> Float {
        let rank = Int((Double(scores.count + 1) * rate).rounded(.up))
        return scores.sorted()[min(rank, scores.count) - 1]
    }
}

extension NoveltyDetector.Method {
    fileprivate var distance: (any NoveltyDistance.Type)? {
        switch self {
        case .mahalanobis: MahalanobisDistance.self
        case .nearestNeighbour: NearestNeighbourDistance.self
        case .energy: nil
        }
    }
}

extension LabelledFeatures {
    /// About `count` samples, of each class its share and at least one; all where there are no more.
    func subset(of count: Int, seed: UInt64, pool: ComputePool?) throws -> LabelledFeatures {
        guard labels.count > count else { return self }
        let kept = StratifiedSplit.subset(
            labels: labels, classes: classes.count, fraction: Double(count) / Double(labels.count), seed: seed)
        return try selecting(kept, pool: pool)
    }
}
