import CKernels

/// A transposed convolution: each input pixel adds its weights to a window of the output. Computed from the output's side, as an
/// indirect product that gathers what each output pixel gets.
public final class TransposedConvolutionLayer: Sendable {
    /// Of one image.
    public let output: FeatureMap
    private let product: GroupedConvolution

    /// - Parameters:
    ///   - weights: `[input channels, output channels / groups, kernel height, kernel width]`
    ///   - bias: `[output channels]`
    ///   - window: slides over the output, where its padding is cut off.
    ///   - groups: divides both numbers of channels.
    public init(
        weights: Tensor, bias: Tensor?, window: Window, groups: Int, input: FeatureMap,
        outputSize: (height: Int, width: Int), kernels: KernelTable
    ) throws(ComputeError) {
        guard weights.shape.count == 4, weights.shape[0] == input.channels, groups > 0,
            input.channels.isMultiple(of: groups), weights.shape[2] == window.kernelHeight,
            weights.shape[3] == window.kernelWidth
        else {
            throw .shapeMismatch(
                tensor: "transposed convolution weights",
                expected: [input.channels, -1, window.kernelHeight, window.kernelWidth], found: weights.shape)
        }
        let outputsOfGroup = weights.shape[1]
        guard let outputs = Compute.product(outputsOfGroup, groups) else {
            throw .tooLarge(what: "a transposed convolution's outputs", limit: Int.max)
        }
        let output = FeatureMap(height: outputSize.height, width: outputSize.width, channels: outputs)
        _ = try input.addressableCount()
        _ = try output.addressableCount()
        let tiles = RowTiles(rows: output.height * output.width, tileRows: kernels.functions.tile_rows)
        product = try GroupedConvolution(
            weights: try weights.swappingChannels(groups: groups), bias: bias, window: window, groups: groups,
            indirection: try Indirection(transposed: window, input: input, output: output, tiles: tiles), input: input,
            output: output, activation: .identity, kernels: kernels)
        self.output = output
    }

    /// Multiply-adds for one image, those with the zeros between input pixels included.
    public var multiplyAdds: Int { product.multiplyAdds }
    /// The microkernel, as `f32_igemm_12x32__avx512`.
    public var kernelName: String { product.kernelName }

    /// Reads `images` times the input and writes as often the output.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        product.run(input: input, output: output, images: images, pool: pool)
    }
}

extension Tensor {
    /// `[I, O / groups, h, w]` as `[O, I / groups, h, w]`.
    fileprivate func swappingChannels(groups: Int) throws(ComputeError) -> Tensor {
        let (inputs, outputs, taps) = (shape[0] / groups, shape[1], shape[2] * shape[3])
        do {
            return try Tensor(shape: [outputs * groups, inputs, shape[2], shape[3]]) { target in
                withUnsafeBufferPointer { source in
                    var next = 0
                    for group in 0..<groups {
                        for output in 0..<outputs {
                            for input in 0..<inputs {
                                let from = ((group * inputs + input) * outputs + output) * taps
                                for tap in 0..<taps {
                                    target.initializeElement(at: next, to: source[from + tap])
                                    next += 1
                                }
                            }
                        }
                    }
                }
            }
        } catch {
            throw .shapeMismatch(tensor: "transposed convolution weights", expected: [-1, -1, -1, -1], found: shape)
        }
    }
}
