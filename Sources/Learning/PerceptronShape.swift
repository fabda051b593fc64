import Compute

/// Where the parameters of a perceptron in training lie: W₁ᵀ `[features, hiddenUnits]`, b₁ `[hiddenUnits]`,
/// W₂ᵀ `[hiddenUnits, classes]`, b₂ `[classes]`, one after another.
///
/// Transposed, so that a minibatch's products and gradients need no transposition of W₁, the largest.
struct PerceptronShape: Sendable {
    let features: Int
    let hiddenUnits: Int
    let classes: Int
    /// Of all parameters.
    let count: Int

    init(features: Int, hiddenUnits: Int, classes: Int) throws(LearningError) {
        let (width, first) = features.addingReportingOverflow(classes + 2)
        let (bound, second) = width.multipliedReportingOverflow(by: hiddenUnits)
        guard !first, !second, bound < 1 << 32 else {
            throw .tooLarge(what: "a perceptron of \(features) features and \(hiddenUnits) hidden units")
        }
        self.features = features
        self.hiddenUnits = hiddenUnits
        self.classes = classes
        count = (features + 1) * hiddenUnits + (hiddenUnits + 1) * classes
    }

    var hiddenWeights: Range<Int> { 0..<features * hiddenUnits }
    var hiddenBiases: Range<Int> { hiddenWeights.upperBound..<hiddenWeights.upperBound + hiddenUnits }
    var weights: Range<Int> { hiddenBiases.upperBound..<hiddenBiases.upperBound + hiddenUnits * classes }
    var biases: Range<Int> { weights.upperBound..<count }

    /// Parameters to start from: weights uniform with variance 2 / inputs before the ReLU and 1 / inputs after it, biases 0.
    ///
    /// He et al., "Delving Deep into Rectifiers", 2015, section 2.2. Uniform rather than normal: no logarithm or cosine whose
    /// last bit differs between machines.
    func initialParameters(_ random: inout SplitMix64) -> [Float] {
        var parameters = [Float](repeating: 0, count: count)
        for (range, variance) in [(hiddenWeights, 2 / Double(features)), (weights, 1 / Double(hiddenUnits))] {
            let limit = (3 * variance).squareRoot()
            for index in range { parameters[index] = Float((2 * random.uniform() - 1) * limit) }
        }
        return parameters
    }

    /// ‖W₁‖² + ‖W₂‖²
    func squaredNorm(_ parameters: [Float]) -> Double {
        var sum = 0.0
        for range in [hiddenWeights, weights] {
            for value in parameters[range] { sum += Double(value) * Double(value) }
        }
        return sum
    }

    /// The perceptron of these parameters, for features as they are: the standardisation goes into W₁ and b₁.
    func perceptron(
        _ parameters: [Float], standardization: Standardization, classes names: [String]
    ) throws -> MultilayerPerceptron {
        var folded = [Float](repeating: 0, count: hiddenUnits * features)
        var shifts = [Double](repeating: 0, count: hiddenUnits)
        for feature in 0..<features {
            let (mean, scale) = (standardization.mean[feature], standardization.scale[feature])
            for unit in 0..<hiddenUnits {
                let weight = Double(parameters[feature * hiddenUnits + unit]) / scale
                folded[unit * features + feature] = Float(weight)
                shifts[unit] += weight * mean
            }
        }
        let last = weights.lowerBound
        return try MultilayerPerceptron(
            classes: names, features: features, hiddenUnits: hiddenUnits, hiddenWeights: folded,
            hiddenBiases: zip(parameters[hiddenBiases], shifts).map { Float(Double($0) - $1) },
            weights: (0..<classes * hiddenUnits).map {
                parameters[last + $0 % hiddenUnits * classes + $0 / hiddenUnits]
            },
            biases: Array(parameters[biases]))
    }
}
