/// How much a sample of each class counts.
public enum ClassWeights: Sendable, Equatable {
    /// Each sample counts 1.
    case uniform
    /// Each class counts the same: n / (k · samples of the class), as scikit-learn's `class_weight="balanced"`.
    case balanced
    /// One positive weight a class.
    case given([Double])

    func values(for samples: LabelledFeatures) throws(LearningError) -> [Double] {
        let counts = samples.classCounts
        switch self {
        case .uniform: return counts.map { _ in 1 }
        case .balanced: return counts.map { Double(samples.labels.count) / Double(counts.count * $0) }
        case .given(let weights):
            guard weights.count == counts.count else {
                throw .sizeMismatch(what: "class weights", expected: counts.count, found: weights.count)
            }
            for weight in weights {
                try LearningError.check(weight > 0 && weight.isFinite, "a class weight", "positive", weight)
            }
            return weights
        }
    }
}
