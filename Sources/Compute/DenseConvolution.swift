import CKernels

/// A two-dimensional convolution (cross-correlation) in which every output channel sees every input channel.
///
/// Computed as an indirect matrix product: no copy of the input's windows is made (Dukhan, "The Indirect Convolution
/// Algorithm", 2019). The weights are packed once, here.
public final class DenseConvolution: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    /// Multiply-adds for one image, padding included.
    public let multiplyAdds: Int
    /// The microkernel, as `f32_igemm_12x32__avx512`.
    public let kernelName: String
    private let product: IndirectProduct

    /// - Parameters:
    ///   - weights: `[output channels, input channels, kernel height, kernel width]`
    ///   - bias: `[output channels]`
    ///   - activation: applied last, after a residual is added.
    public init(
        weights: Tensor, bias: Tensor?, window: Window, input: FeatureMap, activation: Activation, kernels: KernelTable
    ) throws(ComputeError) {
        let outputs = weights.shape.first ?? 0
        let expected = [max(outputs, 1), input.channels, window.kernelHeight, window.kernelWidth]
        guard weights.shape == expected else {
            throw .shapeMismatch(
                tensor: "convolution weights", expected: [-1] + expected.dropFirst(), found: weights.shape)
        }
        try PackedWeights.check(bias: bias, outputs: outputs)
        let output = try window.output(on: input, channels: outputs)
        let rows = output.height * output.width
        let taps = window.kernelHeight * window.kernelWidth
        let inPlace = window == Window(kernel: 1)
        let tiles = RowTiles(rows: rows, tileRows: kernels.functions.tile_rows)
        product = IndirectProduct(
            kernels: kernels,
            weights: try PackedWeights(
                weights, bias: bias, outputs: outputs, channels: input.channels, taps: taps, kernels: kernels),
            indirection: inPlace ? nil : try Indirection(window: window, input: input, output: output, tiles: tiles),
            rows: rows, inputCount: input.count, activation: activation)
        self.input = input
        self.output = output
        multiplyAdds = rows * weights.count
        kernelName = String(cString: kernels.functions.igemm_name)
    }

    /// Reads `images × input.count` floats and writes `images × output.count`: `activation(w ∗ x + bias + residual)`.
    /// The residual may be the output itself. With a pool, its threads share the work; the result is the same.
    public func run(
        input: UnsafePointer<Float>, residual: UnsafePointer<Float>? = nil, output: UnsafeMutablePointer<Float>,
        images: Int, pool: ComputePool?
    ) {
        product.run(input: input, residual: residual, output: output, images: images, pool: pool)
    }
}
