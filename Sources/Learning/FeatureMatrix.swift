import Compute

/// The features of samples, `[count, features]` in float32: a frozen network's embeddings.
///
/// Stored once, as they come: both products of a gradient read that copy; see ``BlockedMatrix``.
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
        try self.init(
            BlockedMatrix(rows: count, columns: features, kernels: try .selected, pool: pool, fill: fill), pool: pool)
    }

    /// - Parameter values: `[count, features]`, row-major; kept without a copy.
    /// - Throws: as the other initialiser, and ``LearningError/sizeMismatch(what:expected:found:)``.
    public init(_ values: [Float], count: Int, features: Int, pool: ComputePool?) throws {
        let (expected, overflow) = count.multipliedReportingOverflow(by: features)
        guard !overflow, values.count == expected else {
            throw LearningError.sizeMismatch(
                what: "feature values", expected: overflow ? .max : expected, found: values.count)
        }
        try self.init(
            BlockedMatrix(values, rows: count, columns: features, kernels: try .selected), pool: pool)
    }

    private init(_ matrix: BlockedMatrix, pool: ComputePool?) throws {
        self.matrix = matrix
        count = matrix.rows
        features = matrix.columns
        let ones = UnsafeMutablePointer<Float>.allocate(capacity: matrix.blockRows)
        defer { ones.deallocate() }
        ones.initialize(repeating: 1, count: matrix.blockRows)
        nonisolated(unsafe) let left = ones
        let sums = BlockSum(blocks: matrix.blocks, count: matrix.paddedColumns, floats: matrix.paddedColumns)
        sums.run(pool: pool) { block, sum, _ in matrix.add(left, outputs: 1, byBlock: block, to: sum) }
        mean = sums.total.prefix(matrix.columns).map { $0 / Double(matrix.rows) }
        guard mean.allSatisfy(\.isFinite) else {
            for sample in 0..<count where !row(sample).allSatisfy(\.isFinite) {
                throw LearningError.notFinite(sample: sample)
            }
            throw LearningError.tooLarge(what: "the sum of a feature")
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
