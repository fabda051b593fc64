import CKernels

/// A fully connected layer of numbers of 8 bits: sums are exact, in 32 bits.
public final class QuantizedDenseLayer: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    /// For one image.
    public let multiplyAdds: Int
    private let weights: QuantizedWeights
    private let bias: Tensor?
    private let activation: Activation
    private let grid: QuantizationGrid
    private let kernels: KernelTable
    private let finished: QuantizedOutput
    private let product: QuantizedProduct

    /// - Parameters:
    ///   - weights: `[outputs, inputs]`, the inputs in C, H, W order.
    ///   - scales: `[outputs]`, whose multiples the weights are.
    ///   - bias: `[outputs]`
    ///   - grid: the input's, of bytes; likewise `outputGrid` (`nil`: floats).
    public convenience init(
        weights: Tensor, scales: Tensor, bias: Tensor?, input: FeatureMap, activation: Activation,
        grid: QuantizationGrid, outputGrid: QuantizationGrid?, kernels: KernelTable
    ) throws(ComputeError) {
        let (outputs, inputs) = (weights.shape.first ?? 0, try input.addressableCount())
        guard outputs > 0, inputs > 0, weights.shape == [outputs, inputs] else {
            throw .shapeMismatch(tensor: "dense weights", expected: [-1, inputs], found: weights.shape)
        }
        try PackedWeights.check(bias: bias, outputs: outputs)
        self.init(
            try QuantizedWeights(
                weights, scales: scales, outputs: outputs, channels: input.channels, taps: 1,
                merged: input.height * input.width, kernels: kernels),
            bias: bias, activation: activation, input: input, grid: grid, outputGrid: outputGrid,
            multiplyAdds: weights.count, kernels: kernels)
    }

    private init(
        _ weights: QuantizedWeights, bias: Tensor?, activation: Activation, input: FeatureMap, grid: QuantizationGrid,
        outputGrid: QuantizationGrid?, multiplyAdds: Int, kernels: KernelTable
    ) {
        (self.weights, self.bias, self.activation, self.input) = (weights, bias, activation, input)
        (self.grid, self.multiplyAdds, self.kernels) = (grid, multiplyAdds, kernels)
        output = FeatureMap(features: weights.outputs)
        finished = QuantizedOutput(
            scales: weights.scales, sums: weights.sums, bias: bias, activation: activation, input: grid,
            residual: nil, output: outputGrid)
        product = QuantizedProduct(
            weights, zeroPoint: grid.zeroPoint, output: finished, residualIsBytes: false, indirection: nil,
            kernels: kernels)
    }

    /// Whether 32 bits hold the sums that weights `[outputs, …]` may make.
    public static func canSum(_ weights: Tensor) -> Bool { QuantizedWeights.canSum(weights) }

    /// The same layer with the output that it has before it is rounded to a grid. The weights are shared.
    public func writingFloats() -> QuantizedDenseLayer {
        QuantizedDenseLayer(
            weights, bias: bias, activation: activation, input: input, grid: grid, outputGrid: nil,
            multiplyAdds: multiplyAdds, kernels: kernels)
    }

    /// The floats that the packed weights take beyond those of the layer, of which they are a quarter.
    public var extraWeightCount: Int { weights.panels * weights.panelFloats - weights.count }

    /// The microkernel, as `i8_igemm_12x32__avx512vnni`.
    public var kernelName: String { product.kernelName }

    /// Reads maps of bytes and writes bytes, or floats where there is no grid for the output. The whole batch at once, so that
    /// the weights are read from memory once.
    public func run(input: UnsafeRawPointer, output: UnsafeMutableRawPointer, images: Int, pool: ComputePool?) {
        product.run(
            input: input.assumingMemoryBound(to: UInt8.self), inputStride: 4 * self.input.byteFloats, residual: nil,
            output: output, outputStride: finished.grid == nil ? self.output.count : 4 * self.output.byteFloats,
            rows: images, pool: pool)
    }
}
