import CKernels

/// The largest byte of each window; padding does not take part.
public struct QuantizedMaxPooling: Sendable {
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

    /// Reads and writes maps of bytes.
    public func run(input: UnsafeRawPointer, output: UnsafeMutableRawPointer, images: Int, pool: ComputePool?) {
        let (inputBytes, outputBytes) = (4 * self.input.byteFloats, 4 * self.output.byteFloats)
        let work = max(self.input.count, self.output.count) / 4
        RowSplit(images: images, rows: self.output.height, workPerImage: work, pool: pool).run { image, rows in
            withUnsafePointer(to: geometry) { geometry in
                kernels.integers.max_pool(
                    geometry, (input + image * inputBytes).assumingMemoryBound(to: UInt8.self),
                    (output + image * outputBytes).assumingMemoryBound(to: UInt8.self), rows.lowerBound,
                    rows.upperBound)
            }
        }
    }
}
