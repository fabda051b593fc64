import Compute

/// What a logistic regression minimises, and its gradient:
///
///     f(W, b) = (Σ_i w_i · crossEntropy(softmax(W·z_i + b), y_i) + λ/2 · ‖W‖²) / Σ_i w_i,   z = (x − mean) / scale
///
/// A point is W, `[classes, features]`, then b, `[classes]`. The mean and the scale are folded into the weights, so that one
/// copy of the samples serves. Subtracting the mean changes b alone, which is not penalised: the same optimum, reached in fewer
/// iterations, since features that are mostly positive make the curvature along b much larger than elsewhere.
///
/// A block of rows gives its loss and its gradient while it lies in the L2 cache.
final class SoftmaxObjective {
    let dimension: Int
    /// Σ w_i: times this, f is scikit-learn's sum.
    let totalWeight: Double
    var l2: Double
    let samples: LabelledFeatures
    let sampleWeights: [Float]
    let standardization: Standardization
    let pool: ComputePool?
    /// Per run: `[classes, padded features]`, then the residuals' sums `[classes]`, then the loss.
    private let sum: BlockSum

    init(
        samples: LabelledFeatures, classWeights: [Double], l2: Double, standardization: Standardization,
        pool: ComputePool?
    ) throws(LearningError) {
        let (classes, matrix) = (samples.classes.count, samples.features.matrix)
        let (size, overflow) = classes.multipliedReportingOverflow(by: matrix.paddedColumns + 2)
        guard !overflow, size < 1 << 32 else {
            throw .tooLarge(what: "\(classes) classes of \(matrix.columns) features")
        }
        dimension = classes * (matrix.columns + 1)
        self.samples = samples
        self.l2 = l2
        self.standardization = standardization
        self.pool = pool
        sampleWeights = samples.labels.map { Float(classWeights[$0]) }
        totalWeight = samples.labels.reduce(0) { $0 + classWeights[$1] }
        sum = BlockSum(
            blocks: matrix.blocks, count: classes * (matrix.paddedColumns + 1) + 1,
            floats: classes * matrix.paddedColumns)
    }

    /// The value of f at `point`; writes its gradient.
    func evaluate(_ point: [Double], gradient: inout [Double]) throws -> Double {
        let (matrix, classes) = (samples.features.matrix, samples.classes.count)
        let (features, stride) = (matrix.columns, matrix.paddedColumns)
        let (weights, biases) = foldedWeights(point)
        let factor = try matrix.factor(weights: weights, bias: biases)
        let (labels, sampleWeights) = (samples.labels, sampleWeights)
        let gradientCount = classes * stride
        sum.run(pool: pool) { block, slopes, sum in
            let range = matrix.rows(ofBlock: block)
            let rows = range.count
            let logits = UnsafeMutablePointer<Float>.allocate(capacity: 2 * classes * rows)
            defer { logits.deallocate() }
            let residuals = logits + classes * rows
            matrix.multiply(block: block, by: factor, into: logits)
            var loss = 0.0
            for sample in range {
                let row = sample - range.lowerBound
                let (label, weight) = (labels[sample], sampleWeights[sample])
                let probabilities = logits + row * classes
                loss += Double(weight) * CrossEntropy.softmax(probabilities, count: classes, label: label)
                probabilities[label] -= 1
                for index in 0..<classes { probabilities[index] *= weight }
            }
            MatrixProduct.transpose(logits, rows: rows, columns: classes, into: residuals)
            for index in 0..<classes {
                let residual = residuals + index * rows
                sum[gradientCount + index] += (0..<rows).reduce(0.0) { $0 + Double(residual[$1]) }
            }
            sum[gradientCount + classes] += loss
            matrix.add(residuals, outputs: classes, byBlock: block, to: slopes)
        }
        let total = sum.total
        let (mean, scale) = (standardization.mean, standardization.scale)
        var penalty = 0.0
        for index in 0..<classes {
            let residual = total[gradientCount + index]
            gradient[classes * features + index] = residual / totalWeight
            for feature in 0..<features {
                let at = index * features + feature
                let slope = (total[index * stride + feature] - residual * mean[feature]) / scale[feature]
                gradient[at] = (slope + l2 * point[at]) / totalWeight
                penalty += point[at] * point[at]
            }
        }
        return (total[gradientCount + classes] + l2 / 2 * penalty) / totalWeight
    }

    /// The point whose folded weights are the head's; zero for none.
    func point(of head: LinearHead?) throws(LearningError) -> [Double] {
        guard let head else { return Array(repeating: 0, count: dimension) }
        let (classes, features) = (samples.classes.count, samples.features.features)
        guard head.classes.count == classes, head.features == features else {
            throw .sizeMismatch(what: "weights to start from", expected: classes * features, found: head.weights.count)
        }
        let (mean, scale) = (standardization.mean, standardization.scale)
        var point = head.weights.map(Double.init) + head.biases.map(Double.init)
        for index in 0..<classes {
            for feature in 0..<features {
                let at = index * features + feature
                point[classes * features + index] += point[at] * mean[feature]
                point[at] *= scale[feature]
            }
        }
        return point
    }

    /// The weights and biases of the same logits for features as they are.
    func foldedWeights(_ point: [Double]) -> (weights: [Float], biases: [Float]) {
        let (classes, features) = (samples.classes.count, samples.features.features)
        let (mean, scale) = (standardization.mean, standardization.scale)
        var weights = [Float](repeating: 0, count: classes * features)
        var biases = [Float](repeating: 0, count: classes)
        for index in 0..<classes {
            var bias = point[classes * features + index]
            for feature in 0..<features {
                let weight = point[index * features + feature] / scale[feature]
                weights[index * features + feature] = Float(weight)
                bias -= weight * mean[feature]
            }
            biases[index] = Float(bias)
        }
        return (weights, biases)
    }
}
