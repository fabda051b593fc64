import Compute

/// A network of one hidden layer on features: logits = W₂·max(0, W₁·x + b₁) + b₂.
public struct MultilayerPerceptron: Sendable {
    public let classes: [String]
    public let features: Int
    public let hiddenUnits: Int
    /// W₁ `[hiddenUnits, features]`, for features as the network gives them.
    public let hiddenWeights: [Float]
    /// b₁ `[hiddenUnits]`
    public let hiddenBiases: [Float]
    /// W₂ `[classes, hiddenUnits]`
    public let weights: [Float]
    /// b₂ `[classes]`
    public let biases: [Float]
    private let hiddenLayer: DenseLayer
    private let outputLayer: LinearHead

    /// - Throws: ``LearningError/sizeMismatch(what:expected:found:)``, or `ComputeError` where there are no features or no
    ///   hidden units.
    public init(
        classes: [String], features: Int, hiddenUnits: Int, hiddenWeights: [Float], hiddenBiases: [Float],
        weights: [Float], biases: [Float]
    ) throws {
        let (expected, overflow) = hiddenUnits.multipliedReportingOverflow(by: features)
        guard !overflow, hiddenWeights.count == expected else {
            throw LearningError.sizeMismatch(what: "hidden weights", expected: expected, found: hiddenWeights.count)
        }
        guard hiddenBiases.count == hiddenUnits else {
            throw LearningError.sizeMismatch(what: "hidden biases", expected: hiddenUnits, found: hiddenBiases.count)
        }
        self.classes = classes
        self.features = features
        self.hiddenUnits = hiddenUnits
        self.hiddenWeights = hiddenWeights
        self.hiddenBiases = hiddenBiases
        self.weights = weights
        self.biases = biases
        hiddenLayer = try DenseLayer(
            weights: Tensor(shape: [hiddenUnits, features], values: hiddenWeights),
            bias: Tensor(shape: [hiddenUnits], values: hiddenBiases), input: FeatureMap(features: features),
            activation: .relu, kernels: .selected)
        outputLayer = try LinearHead(classes: classes, features: hiddenUnits, weights: weights, biases: biases)
    }

    /// Whether all weights and biases are.
    var isFinite: Bool {
        [hiddenWeights, hiddenBiases, weights, biases].allSatisfy { $0.allSatisfy(\.isFinite) }
    }

    /// - Parameter values: `[samples, features]`, row-major.
    /// - Throws: ``LearningError/sizeMismatch(what:expected:found:)`` where they are not whole rows.
    public func logits(_ values: [Float], pool: ComputePool?) throws(LearningError) -> ClassScores {
        guard values.count.isMultiple(of: features) else {
            throw .sizeMismatch(
                what: "features of whole samples", expected: (values.count / features + 1) * features,
                found: values.count)
        }
        let samples = values.count / features
        let hidden = [Float](unsafeUninitializedCapacity: samples * hiddenUnits) { hidden, count in
            count = samples * hiddenUnits
            values.withUnsafeBufferPointer { values in
                guard let input = values.baseAddress, let output = hidden.baseAddress else { return }
                hiddenLayer.run(input: input, output: output, images: samples, pool: pool) { _ in output }
            }
        }
        return try outputLayer.logits(hidden, pool: pool)
    }

    /// The logits of every sample of a matrix.
    /// - Throws: ``LearningError/sizeMismatch(what:expected:found:)`` where it has another number of features.
    public func logits(_ matrix: FeatureMatrix, pool: ComputePool?) throws -> ClassScores {
        guard matrix.features == features else {
            throw LearningError.sizeMismatch(what: "features", expected: features, found: matrix.features)
        }
        let factor = try matrix.matrix.factor(weights: hiddenWeights, bias: hiddenBiases)
        var hidden = matrix.matrix.multiply(by: factor, pool: pool)
        hidden.withUnsafeMutableBufferPointer { hidden in
            for index in 0..<hidden.count { hidden[index] = max(hidden[index], 0) }
        }
        return try outputLayer.logits(hidden, pool: pool)
    }

    /// softmax(logits): see ``logits(_:pool:)``.
    public func probabilities(_ matrix: FeatureMatrix, pool: ComputePool?) throws -> ClassScores {
        try logits(matrix, pool: pool).softmax()
    }

    /// The same perceptron with its logits divided by a positive temperature.
    public func dividingLogits(by temperature: Double) throws -> MultilayerPerceptron {
        let last = try outputLayer.dividingLogits(by: temperature)
        return try MultilayerPerceptron(
            classes: classes, features: features, hiddenUnits: hiddenUnits, hiddenWeights: hiddenWeights,
            hiddenBiases: hiddenBiases, weights: last.weights, biases: last.biases)
    }
}
