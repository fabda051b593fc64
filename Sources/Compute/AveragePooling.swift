import CKernels

/// The mean of each window.
public struct AveragePooling: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    private let countsPadding: Bool
    private let geometry: f32_window
    private let kernels: KernelTable

    /// `countsPadding` divides by the kernel's size also where it overhangs the border, as if zeros lay there.
    public init(
        window: Window, countsPadding: Bool, input: FeatureMap, kernels: KernelTable
    ) throws(ComputeError) {
        (output, geometry) = try window.pooling(on: input)
        self.countsPadding = countsPadding
        self.input = input
        self.kernels = kernels
    }

    /// Reads `images × input.count` floats and writes `images × output.count`.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let averagePool = kernels.functions.average_pool
        let (inputCount, outputCount, countsPadding) = (self.input.count, self.output.count, countsPadding)
        let work = max(inputCount, outputCount)
        RowSplit(images: images, rows: self.output.height, workPerImage: work, pool: pool).run { image, rows in
            withUnsafePointer(to: geometry) { geometry in
                averagePool(
                    geometry, countsPadding, input + image * inputCount, output + image * outputCount,
                    rows.lowerBound, rows.upperBound)
            }
        }
    }
}
