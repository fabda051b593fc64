import Compute

/// What the training of a perceptron minimises, and its gradient by backpropagation:
///
///     f = (Σ_i w(y_i) · crossEntropy(softmax(W₂·max(0, W₁·z_i + b₁) + b₂), y_i) + λ/2 · (‖W₁‖² + ‖W₂‖²)) / Σ_i w(y_i)
///     z = (x − mean) / scale
///
/// Parameters lie as ``PerceptronShape`` says. Keeps the memory of a minibatch for the next one.
final class PerceptronObjective {
    let shape: PerceptronShape
    private let samples: LabelledFeatures
    private let classWeights: [Double]
    /// Σ w: times this, f is the sum that ``FitReport/objective`` means.
    let totalWeight: Double
    private let l2: Double
    private let mean: [Float]
    private let inverseScale: [Float]
    private let pool: ComputePool?
    private let product: MatrixProduct

    /// `[batch, features]`, standardised.
    private var inputs: [Float] = []
    /// max(0, W₁·z + b₁), with dropout, `[batch, hiddenUnits]`.
    private var hidden: [Float] = []
    /// `[batch, classes]`, later the gradient's.
    private var logits: [Float] = []
    /// Of `inputs` and of `hidden`, and W₂.
    private var transposed: [Float] = []
    /// f's gradient with respect to W₁·z + b₁, `[batch, hiddenUnits]`.
    private var hiddenGradient: [Float] = []

    init(
        samples: LabelledFeatures, shape: PerceptronShape, classWeights: [Double], l2: Double,
        standardization: Standardization, pool: ComputePool?
    ) throws {
        self.samples = samples
        self.shape = shape
        self.classWeights = classWeights
        self.l2 = l2
        self.pool = pool
        totalWeight = samples.labels.reduce(0) { $0 + classWeights[$1] }
        mean = standardization.mean.map { Float($0) }
        inverseScale = standardization.scale.map { Float(1 / $0) }
        product = MatrixProduct(kernels: try .selected)
    }

    /// f without its penalty, the samples of `batch` standing for all, and the gradient of f on them.
    ///
    /// The losses are divided by the mean weight of all samples, so that the gradient's expectation over random minibatches is
    /// f's gradient.
    ///
    /// - Parameter dropout: the probability that a hidden unit is left out for a sample; the others grow by
    ///   1 / (1 − dropout). Srivastava et al., "Dropout", 2014.
    func evaluate(
        _ parameters: [Float], batch: ArraySlice<Int>, dropout: Double, random: inout SplitMix64,
        gradient: inout [Float]
    ) -> Double {
        forward(parameters, samples, batch)
        let keptScale = Float(1 / (1 - dropout))
        if dropout > 0 {
            hidden.withUnsafeMutableBufferPointer { hidden in
                for index in 0..<batch.count * shape.hiddenUnits {
                    hidden[index] = random.uniform() < dropout ? 0 : hidden[index] * keptScale
                }
            }
        }
        output(parameters, batch.count)
        let share = totalWeight / Double(samples.labels.count) * Double(batch.count)
        var loss = 0.0
        let classes = shape.classes
        logits.withUnsafeMutableBufferPointer { logits in
            guard let start = logits.baseAddress else { return }
            for (row, sample) in batch.enumerated() {
                let (label, weight) = (samples.labels[sample], classWeights[samples.labels[sample]])
                let residuals = start + row * classes
                loss += weight * CrossEntropy.softmax(residuals, count: classes, label: label)
                residuals[label] -= 1
                for index in 0..<classes { residuals[index] *= Float(weight / share) }
            }
        }
        backward(parameters, batch.count, keptScale: keptScale, gradient: &gradient)
        return loss / share
    }

    /// The mean loss of samples of the same features and classes, weighted, without dropout.
    func meanLoss(_ parameters: [Float], of samples: LabelledFeatures) -> Double {
        let order = Array(0..<samples.labels.count)
        let classes = shape.classes
        var (loss, total) = (0.0, 0.0)
        for start in stride(from: 0, to: order.count, by: 64) {
            let batch = order[start..<min(start + 64, order.count)]
            forward(parameters, samples, batch)
            output(parameters, batch.count)
            logits.withUnsafeMutableBufferPointer { logits in
                guard let start = logits.baseAddress else { return }
                for (row, sample) in batch.enumerated() {
                    let (label, weight) = (samples.labels[sample], classWeights[samples.labels[sample]])
                    loss += weight * CrossEntropy.softmax(start + row * classes, count: classes, label: label)
                    total += weight
                }
            }
        }
        return loss / total
    }

    /// λ/2 · (‖W₁‖² + ‖W₂‖²) / Σ w
    func penalty(_ parameters: [Float]) -> Double { l2 / 2 * shape.squaredNorm(parameters) / totalWeight }

    /// The hidden units of samples, without dropout.
    private func forward(_ parameters: [Float], _ samples: LabelledFeatures, _ batch: ArraySlice<Int>) {
        let (features, units) = (shape.features, shape.hiddenUnits)
        let matrix = samples.features.matrix
        Self.grow(&inputs, to: batch.count * features)
        Self.grow(&hidden, to: batch.count * units)
        inputs.withUnsafeMutableBufferPointer { inputs in
            mean.withUnsafeBufferPointer { mean in
                inverseScale.withUnsafeBufferPointer { inverseScale in
                    nonisolated(unsafe) let (inputs, mean, inverseScale) = (inputs, mean, inverseScale)
                    ComputePool.run(on: batch.count * features < 1 << 16 ? nil : pool, batch.count) { row, _ in
                        let line = UnsafeMutableBufferPointer(rebasing: inputs[row * features..<(row + 1) * features])
                        matrix.copyRow(batch[batch.startIndex + row], to: line)
                        for feature in 0..<features {
                            line[feature] = (line[feature] - mean[feature]) * inverseScale[feature]
                        }
                    }
                }
            }
        }
        parameters.withUnsafeBufferPointer { parameters in
            guard let start = parameters.baseAddress else { return }
            product.run(
                inputs, start, bias: start + shape.hiddenBiases.lowerBound, activation: .relu, rows: batch.count,
                inner: features, columns: units, into: &hidden, pool: pool)
        }
    }

    /// The logits of the hidden units.
    private func output(_ parameters: [Float], _ count: Int) {
        Self.grow(&logits, to: count * shape.classes)
        parameters.withUnsafeBufferPointer { parameters in
            guard let start = parameters.baseAddress else { return }
            product.run(
                hidden, start + shape.weights.lowerBound, bias: start + shape.biases.lowerBound, rows: count,
                inner: shape.hiddenUnits, columns: shape.classes, into: &logits, pool: pool)
        }
    }

    /// From the loss's gradient with respect to the logits to f's with respect to all parameters.
    private func backward(_ parameters: [Float], _ count: Int, keptScale: Float, gradient: inout [Float]) {
        let (features, units, classes) = (shape.features, shape.hiddenUnits, shape.classes)
        Self.grow(&hiddenGradient, to: count * units)
        Self.grow(&transposed, to: max(count * max(features, units), units * classes))
        gradient.withUnsafeMutableBufferPointer { gradient in
            guard let slopes = gradient.baseAddress else { return }
            MatrixProduct.transpose(hidden, rows: count, columns: units, into: &transposed)
            product.run(
                transposed, logits, rows: units, inner: count, columns: classes,
                into: slopes + shape.weights.lowerBound, pool: pool)
            Self.sumRows(logits, count, into: UnsafeMutableBufferPointer(rebasing: gradient[shape.biases]))

            parameters.withUnsafeBufferPointer { parameters in
                guard let start = parameters.baseAddress else { return }
                MatrixProduct.transpose(
                    start + shape.weights.lowerBound, rows: units, columns: classes, into: &transposed)
            }
            product.run(
                logits, transposed, rows: count, inner: classes, columns: units, into: &hiddenGradient, pool: pool)
            // A unit at zero was cut off by the ReLU or by dropout.
            hidden.withUnsafeBufferPointer { hidden in
                hiddenGradient.withUnsafeMutableBufferPointer { slopes in
                    for index in 0..<count * units { slopes[index] = hidden[index] > 0 ? slopes[index] * keptScale : 0 }
                }
            }

            MatrixProduct.transpose(inputs, rows: count, columns: features, into: &transposed)
            product.run(
                transposed, hiddenGradient, rows: features, inner: count, columns: units, into: slopes, pool: pool)
            Self.sumRows(
                hiddenGradient, count, into: UnsafeMutableBufferPointer(rebasing: gradient[shape.hiddenBiases]))

            let decay = Float(l2 / totalWeight)
            if decay > 0 {
                parameters.withUnsafeBufferPointer { parameters in
                    for range in [shape.hiddenWeights, shape.weights] {
                        for index in range { gradient[index] += decay * parameters[index] }
                    }
                }
            }
        }
    }

    /// Σ over the first `count` rows.
    private static func sumRows(
        _ rows: UnsafePointer<Float>, _ count: Int, into sum: UnsafeMutableBufferPointer<Float>
    ) {
        sum.update(repeating: 0)
        for row in 0..<count {
            let line = rows + row * sum.count
            for index in 0..<sum.count { sum[index] += line[index] }
        }
    }

    private static func grow(_ values: inout [Float], to count: Int) {
        if values.count < count { values = Array(repeating: 0, count: count) }
    }
}
