import Compute

/// A linear classifier on features: logits = W·x + b.
public struct LinearHead: Sendable {
    public let classes: [String]
    public let features: Int
    /// `[classes, features]`, for features as the network gives them.
    public let weights: [Float]
    /// `[classes]`
    public let biases: [Float]
    private let layer: DenseLayer

    /// - Throws: ``LearningError/sizeMismatch(what:expected:found:)``, or `ComputeError` where there are no features.
    public init(classes: [String], features: Int, weights: [Float], biases: [Float]) throws {
        let (expected, overflow) = classes.count.multipliedReportingOverflow(by: features)
        guard !overflow, weights.count == expected else {
            throw LearningError.sizeMismatch(what: "head weights", expected: expected, found: weights.count)
        }
        guard biases.count == classes.count else {
            throw LearningError.sizeMismatch(what: "head biases", expected: classes.count, found: biases.count)
        }
        self.classes = classes
        self.features = features
        self.weights = weights
        self.biases = biases
        layer = try DenseLayer(
            weights: Tensor(shape: [classes.count, features], values: weights),
            bias: Tensor(shape: [classes.count], values: biases), input: FeatureMap(features: features),
            activation: .identity, kernels: .selected)
    }

    /// Whether all weights and biases are.
    var isFinite: Bool { weights.allSatisfy(\.isFinite) && biases.allSatisfy(\.isFinite) }

    /// - Parameter values: `[samples, features]`, row-major.
    /// - Throws: ``LearningError/sizeMismatch(what:expected:found:)`` where they are not whole rows.
    public func logits(_ values: [Float], pool: ComputePool?) throws(LearningError) -> ClassScores {
        guard values.count.isMultiple(of: features) else {
            throw .sizeMismatch(
                what: "features of whole samples", expected: (values.count / features + 1) * features,
                found: values.count)
        }
        let samples = values.count / features
        let logits = [Float](unsafeUninitializedCapacity: samples * classes.count) { logits, count in
            count = samples * classes.count
            values.withUnsafeBufferPointer { values in
                guard let input = values.baseAddress, let output = logits.baseAddress else { return }
                layer.run(input: input, output: output, images: samples, pool: pool) { _ in output }
            }
        }
        return try ClassScores(logits, classes: classes.count)
    }

    /// The logits of every sample of a matrix.
    /// - Throws: ``LearningError/sizeMismatch(what:expected:found:)`` where it has another number of features.
    public func logits(_ matrix: FeatureMatrix, pool: ComputePool?) throws -> ClassScores {
        guard matrix.features == features else {
            throw LearningError.sizeMismatch(what: "features", expected: features, found: matrix.features)
        }
        let factor = try matrix.matrix.factor(weights: weights, bias: biases)
        return try ClassScores(matrix.matrix.multiply(by: factor, pool: pool), classes: classes.count)
    }

    /// The same head with its logits divided by a positive temperature.
    public func dividingLogits(by temperature: Double) throws -> LinearHead {
        try LearningError.check(temperature > 0 && temperature.isFinite, "the temperature", "positive", temperature)
        return try LinearHead(
            classes: classes, features: features, weights: weights.map { Float(Double($0) / temperature) },
            biases: biases.map { Float(Double($0) / temperature) })
    }

    /// softmax(logits): see ``logits(_:pool:)``.
    public func probabilities(_ matrix: FeatureMatrix, pool: ComputePool?) throws -> ClassScores {
        try logits(matrix, pool: pool).softmax()
    }
}
