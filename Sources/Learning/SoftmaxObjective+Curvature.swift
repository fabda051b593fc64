import Compute

extension SoftmaxObjective {
    /// At least about the largest eigenvalue of f's Hessian at any point:
    ///
    ///     ½ · λ_max(Σ_i w_i · [z_i; 1]·[z_i; 1]ᵀ / Σ_i w_i) + λ / Σ_i w_i
    ///
    /// since diag(p) − p·pᵀ, the Hessian with respect to a sample's logits, is at most ½ (Böhning, "Multinomial Logistic
    /// Regression Algorithm", 1992). Descent with steps of less than two over it never rises.
    ///
    /// λ_max by power iteration, from below: 30 products leave 0.2 of it at most, in the mean over random starts and whatever
    /// the other eigenvalues are (Kuczyński and Woźniakowski, "Estimating the Largest Eigenvalue by the Power and Lanczos
    /// Algorithms with a Random Start", 1992, for 1,280 features), well within the factor of two.
    ///
    /// - Throws: `LearningError.tooLarge(what:)` where the features' squares are beyond float32's range.
    func largestCurvature() throws -> Double {
        let features = samples.features.features
        let (mean, scale) = (standardization.mean, standardization.scale)
        let sum = BlockSum(
            blocks: samples.features.matrix.blocks, count: samples.features.matrix.paddedColumns + 1,
            floats: samples.features.matrix.paddedColumns)
        var random = SplitMix64(seed: 0)
        var vector = (0...features).map { _ in random.uniform() - 0.5 }
        var eigenvalue = 0.0
        for _ in 0..<Self.products {
            let length = VectorArithmetic.dot(vector, vector).squareRoot()
            guard length.isFinite else { throw LearningError.tooLarge(what: "the square of a feature") }
            guard length > 0 else { break }
            for index in vector.indices { vector[index] /= length }
            // z·v + v_bias for samples as they are.
            var weights = [Float](repeating: 0, count: features)
            var bias = vector[features]
            for feature in 0..<features {
                let weight = vector[feature] / scale[feature]
                weights[feature] = Float(weight)
                bias -= weight * mean[feature]
            }
            try multiply(weights, Float(bias), into: sum)
            let total = sum.total
            let products = total[total.count - 1]
            var image = [Double](repeating: products / totalWeight, count: features + 1)
            for feature in 0..<features {
                image[feature] = (total[feature] - products * mean[feature]) / scale[feature] / totalWeight
            }
            eigenvalue = VectorArithmetic.dot(vector, image)
            vector = image
        }
        let curvature = eigenvalue / 2 + l2 / totalWeight
        guard curvature.isFinite, curvature > 0 else { throw LearningError.tooLarge(what: "the square of a feature") }
        return curvature
    }

    private static let products = 30

    /// With r_i = w_i · (weights · x_i + bias): Σ r_i·x_i, then Σ r_i.
    private func multiply(_ weights: [Float], _ bias: Float, into sum: BlockSum) throws {
        let (matrix, sampleWeights) = (samples.features.matrix, sampleWeights)
        let factor = try matrix.factor(weights: weights, bias: [bias])
        sum.run(pool: pool) { block, products, sum in
            let range = matrix.rows(ofBlock: block)
            let row = UnsafeMutablePointer<Float>.allocate(capacity: range.count)
            defer { row.deallocate() }
            matrix.multiply(block: block, by: factor, into: row)
            for index in 0..<range.count {
                row[index] *= sampleWeights[range.lowerBound + index]
                sum[matrix.paddedColumns] += Double(row[index])
            }
            matrix.add(row, outputs: 1, byBlock: block, to: products)
        }
    }
}
