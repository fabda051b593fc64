import Compute

/// The features of samples, `[count, features]` in float32: a frozen network's embeddings.
///
/// Stored once, in the layout that serves both products of a gradient; see ``BlockedMatrix``.
public struct FeatureMatrix: Sendable {
    /// Samples.
    public let count: Int
    /// Numbers that describe one sample.
    public let features: Int
    /// Of each feature, over the samples.
    public let mean: [Double]
    let matrix: BlockedMatrix

    /// - Parameter fill: writes the features of the sample of that index; called once for each, by several threads at a time.
    /// - Throws: ``LearningError/notFinite(sample:)``, or `ComputeError` where the sizes are none of a matrix.
    public init(
        count: Int, features: Int, pool: ComputePool?,
        fill: (_ sample: Int, _ destination: UnsafeMutableBufferPointer<Float>) -> Void
    ) throws {
        matrix = try BlockedMatrix(
            rows: count, columns: features, kernels: try .selected, pool: pool, fill: fill)
        self.count = count
        self.features = features
        let ones = UnsafeMutablePointer<Float>.allocate(capacity: matrix.blockRows)
        defer { ones.deallocate() }
        ones.initialize(repeating: 1, count: matrix.blockRows)
        let matrix = matrix
        nonisolated(unsafe) let left = ones
        let sums = BlockSum(blocks: matrix.blocks, count: matrix.paddedColumns, pool: pool) { block, sum in
            let product = UnsafeMutablePointer<Float>.allocate(capacity: matrix.paddedColumns)
            defer { product.deallocate() }
            matrix.multiply(left, outputs: 1, byBlock: block, into: product)
            for column in 0..<matrix.paddedColumns { sum[column] += Double(product[column]) }
        }
        mean = sums.total.prefix(features).map { $0 / Double(count) }
        guard mean.allSatisfy(\.isFinite) else {
            for sample in 0..<count where !row(sample).allSatisfy(\.isFinite) {
                throw LearningError.notFinite(sample: sample)
            }
            throw LearningError.tooLarge(what: "the sum of a feature")
        }
    }

    /// - Parameter values: `[count, features]`, row-major.
    /// - Throws: as the other initialiser, and ``LearningError/sizeMismatch(what:expected:found:)``.
    public init(_ values: [Float], count: Int, features: Int, pool: ComputePool?) throws {
        let (expected, overflow) = count.multipliedReportingOverflow(by: features)
        guard !overflow, values.count == expected else {
            throw LearningError.sizeMismatch(
                what: "feature values", expected: overflow ? .max : expected, found: values.count)
        }
        try self.init(count: count, features: features, pool: pool) { sample, destination in
            _ = destination.update(fromContentsOf: values[sample * features..<(sample + 1) * features])
        }
    }

    /// The features of one sample.
    public func row(_ sample: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: features) { buffer, count in
            matrix.copyRow(sample, to: UnsafeMutableBufferPointer(rebasing: buffer[..<features]))
            count = features
        }
    }

    /// A copy of these samples, in this order.
    public func selecting(_ samples: [Int], pool: ComputePool?) throws -> FeatureMatrix {
        for sample in samples where !(0..<count).contains(sample) {
            throw LearningError.sizeMismatch(what: "samples, at least", expected: sample + 1, found: count)
        }
        return try FeatureMatrix(count: samples.count, features: features, pool: pool) { index, destination in
            matrix.copyRow(samples[index], to: destination)
        }
    }
}
