import CKernels

/// Floats to bytes on a grid, and back.
public struct Quantization: Sendable {
    private let grid: QuantizationGrid
    private let map: FeatureMap
    private let kernels: KernelTable

    /// - Parameter grid: of bytes.
    public init(map: FeatureMap, grid: QuantizationGrid, kernels: KernelTable) {
        self.map = map
        self.grid = grid
        self.kernels = kernels
    }

    /// Floats to maps of bytes.
    public func quantize(
        _ input: UnsafePointer<Float>, output: UnsafeMutableRawPointer, images: Int, pool: ComputePool?
    ) {
        run(images: images, pool: pool) { image, span in
            kernels.integers.quantize(
                input + image * map.count + span.lowerBound, grid.scale, grid.zeroPoint, grid.lower, grid.upper,
                (output + image * 4 * map.byteFloats + span.lowerBound).assumingMemoryBound(to: UInt8.self),
                span.count)
        }
    }

    /// Maps of bytes to floats.
    public func dequantize(
        _ input: UnsafeRawPointer, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        run(images: images, pool: pool) { image, span in
            kernels.integers.dequantize(
                (input + image * 4 * map.byteFloats + span.lowerBound).assumingMemoryBound(to: UInt8.self),
                grid.scale, grid.zeroPoint, output + image * map.count + span.lowerBound, span.count)
        }
    }

    private func run(images: Int, pool: ComputePool?, _ body: (_ image: Int, _ span: Range<Int>) -> Void) {
        RowSplit(images: images, rows: map.count, workPerImage: map.count, pool: pool).run(body)
    }
}
