import Compute

/// Tells whether a sample looks like the classes that a head was taught, from a frozen network's embedding: the open-set
/// score "none of these".
public struct NoveltyDetector: Sendable {
    /// What a score measures.
    public enum Method: String, CaseIterable, Codable, Sendable {
        /// The distance to the nearest class's mean under one covariance for all classes: Lee et al., "A Simple Unified Framework
        /// for Detecting Out-of-Distribution Samples and Adversarial Attacks", 2018.
        case mahalanobis
        /// The distance to the k-th nearest taught sample: Sun et al., "Out-of-Distribution Detection with Deep Nearest
        /// Neighbors", 2022.
        case nearestNeighbour = "nearest-neighbour"
        /// −log Σ exp(logit) of the classifier: Liu et al., "Energy-based Out-of-distribution Detection", 2020.
        case energy
    }

    public let method: Method
    public let features: Int
    /// The unscaled score that divides known from novel.
    public let threshold: Float

    /// - Parameters:
    ///   - logits: of each sample, by a classifier that was not fitted on it; ``Method/energy`` needs them, nothing else does.
    ///   - truePositiveRate: the part of taught samples that shall be recognised as known.
    public static func fit(
        _ method: Method, _ samples: LabelledFeatures, logits: ClassScores? = nil, truePositiveRate: Double = 0.95,
        seed: UInt64 = 0, pool: ComputePool?
    ) throws -> NoveltyDetector {
        guard method == .energy, let logits else {
            throw LearningError.sizeMismatch(what: "logits", expected: samples.labels.count, found: 0)
        }
        let energies = (0..<logits.samples).map { Float(-logits.logSumExp($0)) }.sorted()
        let rank = min(energies.count - 1, Int(Double(energies.count) * truePositiveRate))
        return try NoveltyDetector(
            method: method, threshold: energies[rank], tensors: [:], features: samples.features.features)
    }

    /// - Parameters:
    ///   - values: `[samples, features]`, row-major.
    ///   - logits: of the samples, by the classifier that is served; ``Method/energy`` needs them.
    /// - Returns: for each sample a positive number, larger for one less like the taught ones; above 1 means "none of these".
    public func scores(_ values: [Float], logits: ClassScores?, pool: ComputePool?) throws -> [Float] {
        guard let logits else { throw LearningError.sizeMismatch(what: "logits", expected: 1, found: 0) }
        return (0..<logits.samples).map { Float(-logits.logSumExp($0)) - threshold + 1 }
    }

    /// What ``init(method:threshold:tensors:features:)`` takes, for a safetensors file.
    public var tensors: [String: Tensor] { [:] }

    /// - Throws: `LearningError` where a tensor is missing, of another shape than the method's, or not finite.
    public init(method: Method, threshold: Float, tensors: [String: Tensor], features: Int) throws {
        self.method = method
        self.threshold = threshold
        self.features = features
    }
}
