import CKernels

/// The sum of two maps of bytes, each on a grid of its own, on a third: `activation(a + b)`.
public struct QuantizedAddition: Sendable {
    private let map: FeatureMap
    private let scales: (Float, Float)
    private let bias: Float
    private let bounds: (lower: Float, upper: Float)
    private let kernels: KernelTable

    /// The grids are of bytes.
    public init(
        map: FeatureMap, activation: Activation, grids: (QuantizationGrid, QuantizationGrid), output: QuantizationGrid,
        kernels: KernelTable
    ) {
        self.map = map
        let (a, b) = (Double(grids.0.scale) / Double(output.scale), Double(grids.1.scale) / Double(output.scale))
        scales = (Float(a), Float(b))
        bias = Float(Double(output.zeroPoint) - a * Double(grids.0.zeroPoint) - b * Double(grids.1.zeroPoint))
        bounds = output.whole(activation.bounds)
        self.kernels = kernels
    }

    public func run(
        _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, output: UnsafeMutableRawPointer, images: Int, pool: ComputePool?
    ) {
        RowSplit(images: images, rows: map.count, workPerImage: map.count / 4, pool: pool).run { image, span in
            let at = image * 4 * map.byteFloats + span.lowerBound
            kernels.integers.add(
                (a + at).assumingMemoryBound(to: UInt8.self), scales.0, (b + at).assumingMemoryBound(to: UInt8.self),
                scales.1, bias, bounds.lower, bounds.upper, (output + at).assumingMemoryBound(to: UInt8.self),
                span.count)
        }
    }
}
