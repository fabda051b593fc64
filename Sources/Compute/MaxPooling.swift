import CKernels

/// The largest element of each window; padding does not take part.
public struct MaxPooling: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    private let geometry: f32_window
    private let kernels: KernelTable

    public init(window: Window, input: FeatureMap, kernels: KernelTable) throws(ComputeError) {
        (output, geometry) = try window.pooling(on: input)
        self.input = input
        self.kernels = kernels
    }

    /// Reads `images × input.count` floats and writes `images × output.count`.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let maxPool = kernels.functions.max_pool
        let (inputCount, outputCount) = (self.input.count, self.output.count)
        let work = max(inputCount, outputCount)
        RowSplit(images: images, rows: self.output.height, workPerImage: work, pool: pool).run { image, rows in
            withUnsafePointer(to: geometry) { geometry in
                maxPool(
                    geometry, input + image * inputCount, output + image * outputCount, rows.lowerBound,
                    rows.upperBound)
            }
        }
    }
}
