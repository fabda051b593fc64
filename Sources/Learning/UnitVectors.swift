import Compute

/// Samples scaled to length 1, `[count, features]`. Zero stays zero.
///
/// On Fashion-MNIST an embedding's length tells nothing about novelty: without it, the areas under the ROC are 0.03 larger for
/// Mahalanobis's distance and 0.04 for neighbours'.
struct UnitVectors: Sendable {
    let values: [Float]
    /// Of each sample: 1 but for rounding, 0, or NaN where a feature is not finite.
    let squaredLengths: [Double]

    /// - Parameter values: `[samples, features]`, row-major.
    /// - Throws: ``LearningError/sizeMismatch(what:expected:found:)`` where they are not whole rows.
    init(_ values: [Float], features: Int) throws(LearningError) {
        guard values.count.isMultiple(of: features) else {
            throw .sizeMismatch(
                what: "features of whole samples", expected: (values.count / features + 1) * features,
                found: values.count)
        }
        var values = values
        values.withUnsafeMutableBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: features) {
                Self.normalize(UnsafeMutableBufferPointer(rebasing: values[start..<start + features]))
            }
        }
        self.values = values
        squaredLengths = Self.squaredLengths(values, features: features)
    }

    var count: Int { squaredLengths.count }

    /// A copy of a matrix's samples, scaled.
    static func matrix(_ samples: FeatureMatrix, pool: ComputePool?) throws -> FeatureMatrix {
        try FeatureMatrix(count: samples.count, features: samples.features, pool: pool) { sample, destination in
            samples.matrix.copyRow(sample, to: destination)
            normalize(destination)
        }
    }

    private static func normalize(_ vector: UnsafeMutableBufferPointer<Float>) {
        let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length != 0 else { return }
        for index in 0..<vector.count { vector[index] = Float(Double(vector[index]) / length) }
    }

    /// ‖x‖² of each sample of `values` `[samples, features]`.
    static func squaredLengths(_ values: [Float], features: Int) -> [Double] {
        stride(from: 0, to: values.count, by: features).map { start in
            values[start..<start + features].reduce(0) { $0 + Double($1) * Double($1) }
        }
    }
}
