import Compute

/// A trained classifier on features.
public enum Classifier: Sendable {
    case logistic(LinearHead)
    case perceptron(MultilayerPerceptron)

    public var classes: [String] {
        switch self {
        case .logistic(let head): head.classes
        case .perceptron(let perceptron): perceptron.classes
        }
    }

    /// Numbers that describe one sample.
    public var features: Int {
        switch self {
        case .logistic(let head): head.features
        case .perceptron(let perceptron): perceptron.features
        }
    }

    /// - Parameter values: `[samples, features]`, row-major.
    /// - Throws: ``LearningError/sizeMismatch(what:expected:found:)`` where they are not whole rows.
    public func logits(_ values: [Float], pool: ComputePool?) throws(LearningError) -> ClassScores {
        switch self {
        case .logistic(let head): try head.logits(values, pool: pool)
        case .perceptron(let perceptron): try perceptron.logits(values, pool: pool)
        }
    }

    /// The logits of every sample of a matrix.
    /// - Throws: ``LearningError/sizeMismatch(what:expected:found:)`` where it has another number of features.
    public func logits(_ matrix: FeatureMatrix, pool: ComputePool?) throws -> ClassScores {
        switch self {
        case .logistic(let head): try head.logits(matrix, pool: pool)
        case .perceptron(let perceptron): try perceptron.logits(matrix, pool: pool)
        }
    }

    /// The same classifier with its logits divided by a positive temperature, which goes into the last layer's weights.
    public func dividingLogits(by temperature: Double) throws -> Classifier {
        switch self {
        case .logistic(let head): .logistic(try head.dividingLogits(by: temperature))
        case .perceptron(let perceptron): .perceptron(try perceptron.dividingLogits(by: temperature))
        }
    }
}
