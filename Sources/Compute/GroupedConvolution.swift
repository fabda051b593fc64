import CKernels

/// A convolution whose channels fall into groups: an output channel sees the input channels of its own group only
/// (Xie et al., "Aggregated Residual Transformations", 2017). One indirect product a group, side by side in the output.
public final class GroupedConvolution: Sendable {
    /// Of one image.
    public let output: FeatureMap
    /// Multiply-adds for one image, padding included.
    public let multiplyAdds: Int
    /// The microkernel, as `f32_igemm_12x32__avx512`.
    public let kernelName: String
    private let products: [IndirectProduct]
    private let channelsOfGroup: Int
    private let outputsOfGroup: Int

    /// - Parameters:
    ///   - weights: `[output channels, input channels / groups, kernel height, kernel width]`
    ///   - bias: `[output channels]`
    ///   - groups: divides both numbers of channels.
    ///   - activation: applied last, after a residual is added.
    public convenience init(
        weights: Tensor, bias: Tensor?, window: Window, groups: Int, input: FeatureMap, activation: Activation,
        kernels: KernelTable
    ) throws(ComputeError) {
        let outputs = weights.shape.first ?? 0
        let output = try window.output(on: input, channels: outputs)
        let tiles = RowTiles(rows: output.height * output.width, tileRows: kernels.functions.tile_rows)
        let indirection = try Indirection(window: window, input: input, output: output, tiles: tiles)
        try self.init(
            weights: weights, bias: bias, window: window, groups: groups, indirection: indirection, input: input,
            output: output, activation: activation, kernels: kernels)
    }

    /// The same product over any indirection.
    init(
        weights: Tensor, bias: Tensor?, window: Window, groups: Int, indirection: Indirection, input: FeatureMap,
        output: FeatureMap, activation: Activation, kernels: KernelTable
    ) throws(ComputeError) {
        let outputs = output.channels
        guard groups > 0, input.channels.isMultiple(of: groups), outputs.isMultiple(of: groups) else {
            throw .shapeMismatch(
                tensor: "grouped convolution weights", expected: [-1, -1, -1, -1], found: weights.shape)
        }
        (channelsOfGroup, outputsOfGroup) = (input.channels / groups, outputs / groups)
        let expected = [outputs, channelsOfGroup, window.kernelHeight, window.kernelWidth]
        guard weights.shape == expected else {
            throw .shapeMismatch(tensor: "convolution weights", expected: expected, found: weights.shape)
        }
        try PackedWeights.check(bias: bias, outputs: outputs)
        let (rows, taps) = (output.height * output.width, window.kernelHeight * window.kernelWidth)
        var products: [IndirectProduct] = []
        for group in 0..<groups {
            products.append(
                IndirectProduct(
                    kernels: kernels,
                    weights: try PackedWeights(
                        try weights.part(group, of: groups), bias: try bias?.part(group, of: groups),
                        outputs: outputsOfGroup, channels: channelsOfGroup, taps: taps, kernels: kernels),
                    indirection: indirection, rows: rows, inputCount: input.count, outputStride: outputs,
                    activation: activation))
        }
        self.products = products
        self.output = output
        multiplyAdds = try countMultiplyAdds(rows, weights.count)
        kernelName = String(cString: kernels.functions.igemm_name)
    }

    /// Reads `images × input.count` floats and writes `images × output.count`: `activation(w ∗ x + bias + residual)`.
    /// The residual may be the output itself. With a pool, its threads share the work; the result is the same.
    public func run(
        input: UnsafePointer<Float>, residual: UnsafePointer<Float>? = nil, output: UnsafeMutablePointer<Float>,
        images: Int, pool: ComputePool?
    ) {
        for (group, product) in products.enumerated() {
            product.run(
                input: input + group * channelsOfGroup, residual: residual.map { $0 + group * outputsOfGroup },
                output: output + group * outputsOfGroup, images: images, pool: pool
            ) { _ in output }  // In float32 a product needs no memory for itself.
        }
    }
}

extension Tensor {
    /// One of `parts` equal parts along the first axis, as a vector.
    fileprivate func part(_ index: Int, of parts: Int) throws(ComputeError) -> Tensor {
        let size = count / parts
        do {
            return try Tensor(shape: [size]) { target in
                withUnsafeBufferPointer { source in
                    _ = target.initialize(fromContentsOf: source[index * size..<(index + 1) * size])
                }
            }
        } catch {
            throw .shapeMismatch(tensor: "grouped convolution weights", expected: [-1], found: shape)
        }
    }
}
