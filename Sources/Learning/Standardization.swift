import Compute

/// Subtracts each feature's mean and divides by its standard deviation: `(x − mean) / scale`.
///
/// The samples stay as they are; a fit folds the two vectors into the weights.
public struct Standardization: Sendable, Equatable {
    /// `[features]`
    public let mean: [Double]
    /// `[features]`; 1 where a feature does not vary.
    public let scale: [Double]

    /// The population's standard deviation, as scikit-learn's `StandardScaler` has it: Σ(x − mean)² / n.
    public init(of features: FeatureMatrix, pool: ComputePool?) {
        let matrix = features.matrix
        let mean = features.mean
        let squares = BlockSum(blocks: matrix.blocks, count: features.features)
        squares.run(pool: pool) { block, _, sum in
            let row = UnsafeMutableBufferPointer<Float>.allocate(capacity: mean.count)
            defer { row.deallocate() }
            mean.withUnsafeBufferPointer { mean in
                for index in matrix.rows(ofBlock: block) {
                    matrix.copyRow(index, to: row)
                    for feature in 0..<mean.count {
                        let difference = Double(row[feature]) - mean[feature]
                        sum[feature] += difference * difference
                    }
                }
            }
        }
        self.mean = mean
        scale = zip(squares.total, mean).map { squares, mean in
            let deviation = (squares / Double(features.count)).squareRoot()
            // A constant whose mean was rounded leaves a deviation of rounding errors; and float32 does not hold one over less
            // than 1e-38.
            return deviation > max(1e-7 * abs(mean), 1e-30) ? deviation : 1
        }
    }

    /// Subtracts the mean only.
    init(centring features: FeatureMatrix) {
        mean = features.mean
        scale = Array(repeating: 1, count: features.features)
    }
}
