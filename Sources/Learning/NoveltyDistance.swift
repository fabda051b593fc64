import Compute

/// How far a sample is from those that were taught: a number from 0, infinite where a feature is not finite.
protocol NoveltyDistance: Sendable {
    /// - Parameter samples: at least two more than classes.
    static func fit(_ samples: LabelledFeatures, seed: UInt64, pool: ComputePool?) throws -> Self

    /// A fit to a part of the samples that this one was fitted to, with what it chose by their number: another choice would
    /// give other distances, which say nothing of this one's.
    func refitted(to samples: LabelledFeatures, seed: UInt64, pool: ComputePool?) throws -> Self

    /// A distance no larger than this may be rounding.
    var resolution: Float { get }

    func distances(_ samples: UnitVectors, pool: ComputePool?) -> [Float]

    /// What ``init(tensors:features:)`` takes.
    var tensors: [String: Tensor] { get }

    /// - Throws: ``LearningError/invalidTensor(name:expected:found:)``
    init(tensors: [String: Tensor], features: Int) throws
}
