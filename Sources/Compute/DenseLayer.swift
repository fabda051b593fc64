import CKernels

/// A fully connected layer: `activation(W·x + bias)`.
public final class DenseLayer: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image: a vector.
    public let output: FeatureMap
    /// Multiply-adds for one image.
    public let multiplyAdds: Int
    /// The microkernel, as `f32_igemm_12x32__avx512`.
    public let kernelName: String
    private let product: IndirectProduct

    /// - Parameters:
    ///   - weights: `[outputs, inputs]`, the inputs in C, H, W order as model files have them; packing brings them
    ///     into the order of the map, H, W, C.
    ///   - bias: `[outputs]`
    public init(
        weights: Tensor, bias: Tensor?, input: FeatureMap, activation: Activation, precision: Precision = .float32,
        kernels: KernelTable
    ) throws(ComputeError) {
        let outputs = weights.shape.first ?? 0
        let inputs = try input.addressableCount()
        guard outputs > 0, inputs > 0, weights.shape == [outputs, inputs] else {
            throw .shapeMismatch(tensor: "dense weights", expected: [-1, inputs], found: weights.shape)
        }
        try PackedWeights.check(bias: bias, outputs: outputs)
        // As a convolution whose window is the whole map: [taps][channels] is H, W, C. Then one long row.
        let packed = try PackedWeights(
            weights, bias: bias, outputs: outputs, channels: input.channels, taps: input.height * input.width,
            merging: input.height * input.width, precision: precision, kernels: kernels)
        product = IndirectProduct(
            kernels: kernels, weights: packed, indirection: nil, rows: 1, inputCount: inputs,
            activation: activation)
        self.input = input
        output = FeatureMap(features: outputs)
        multiplyAdds = weights.count
        kernelName = packed.kernelName(kernels)
    }

    /// Reads `images × input.count` floats and writes `images × output.count`. The whole batch at once, so that the
    /// weights are read from memory once; with a pool, split over the outputs.
    ///
    /// - Parameter scratch: ``scratchCount`` floats for each of the pool's threads; what they were is lost.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?,
        scratch: (_ worker: Int) -> UnsafeMutablePointer<Float>
    ) {
        product.run(input: input, residual: nil, output: output, images: images, pool: pool, scratch: scratch)
    }

    /// The floats of memory that each thread of a run needs; none in float32.
    public var scratchCount: Int { product.scratchCount }
}
