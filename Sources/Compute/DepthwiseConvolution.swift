import CKernels

/// A convolution of each channel with a filter of its own.
public final class DepthwiseConvolution: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    /// Multiply-adds for one image, padding included.
    public let multiplyAdds: Int
    /// The microkernel, as `f32_depthwise__avx512`.
    public let kernelName: String
    private let kernels: KernelTable
    private let geometry: f32_window
    private let weights: DepthwiseWeights
    private let activation: Activation

    /// - Parameters:
    ///   - weights: `[channels, 1, kernel height, kernel width]`
    ///   - bias: `[channels]`
    ///   - activation: applied last, after a residual is added.
    public init(
        weights: Tensor, bias: Tensor?, window: Window, input: FeatureMap, activation: Activation, kernels: KernelTable
    ) throws(ComputeError) {
        try DepthwiseWeights.check(weights, bias: bias, window: window, channels: input.channels)
        output = try window.output(on: input, channels: input.channels)
        self.weights = try DepthwiseWeights(weights, bias: bias, kernels: kernels)
        geometry = window.geometry(on: input, output: output)
        multiplyAdds = try countMultiplyAdds(output.count, window.kernelHeight * window.kernelWidth)
        kernelName = String(cString: kernels.functions.depthwise_name)
        self.input = input
        self.activation = activation
        self.kernels = kernels
    }

    /// Reads `images × input.count` floats and writes `images × output.count`: `activation(w ∗ x + bias + residual)`.
    /// The residual may be the output itself. With a pool, its threads share the rows; the result is the same.
    public func run(
        input: UnsafePointer<Float>, residual: UnsafePointer<Float>? = nil, output: UnsafeMutablePointer<Float>,
        images: Int, pool: ComputePool?
    ) {
        let bounds = activation.bounds
        let layer = f32_depthwise(
            window: geometry, weights: weights.weights.pointer, bias: weights.bias.pointer,
            weights_stride: weights.stride, lower: bounds.lower, upper: bounds.upper)
        let depthwise = kernels.functions.depthwise
        let (inputCount, outputCount) = (self.input.count, self.output.count)
        RowSplit(images: images, rows: self.output.height, workPerImage: multiplyAdds, pool: pool).run { image, rows in
            withUnsafePointer(to: layer) { layer in
                depthwise(
                    layer, input + image * inputCount, residual.map { $0 + image * outputCount },
                    output + image * outputCount, rows.lowerBound, rows.upperBound)
            }
        }
    }
}
