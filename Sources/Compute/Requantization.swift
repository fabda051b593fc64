/// Bytes on a grid to bytes on another.
public struct Requantization: Sendable {
    private let sum: QuantizedAddition

    /// Both grids are of bytes.
    public init(map: FeatureMap, from input: QuantizationGrid, to output: QuantizationGrid, kernels: KernelTable) {
        // The number, and nothing: the same bytes as multiples of 0.
        let nothing = QuantizationGrid(scale: 0, zeroPoint: 0, lower: 0, upper: 255)
        sum = QuantizedAddition(
            map: map, activation: .identity, grids: (input, nothing), output: output, kernels: kernels)
    }

    public func run(input: UnsafeRawPointer, output: UnsafeMutableRawPointer, images: Int, pool: ComputePool?) {
        sum.run(input, input, output: output, images: images, pool: pool)
    }
}
