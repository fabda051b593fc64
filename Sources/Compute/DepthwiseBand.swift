import CKernels

/// A convolution of each channel with a filter of its own, on a few rows whose ends are padded: what a ``SeparableBlock`` does
/// between its 1×1 convolutions.
struct DepthwiseBand: Sendable {
    /// What it reads: in bfloat16 plans numbers of bfloat16, two of which are multiplied by one instruction.
    let format: NumberFormat
    /// The microkernel, as `f32_depthwise__avx512`.
    let kernelName: String
    private let filters: Filters
    private let window: Window
    private let output: FeatureMap
    private let bounds: (lower: Float, upper: Float)
    private let kernels: KernelTable

    private enum Filters {
        case float32(DepthwiseWeights)
        case bfloat16(weights: AlignedFloats, bias: AlignedFloats)
    }

    /// - Parameter output: the whole map that it makes of as many channels.
    init(
        _ layer: SeparableBlock.Depthwise, output: FeatureMap, precision: Precision, kernels: KernelTable
    ) throws(ComputeError) {
        (window, self.output, bounds) = (layer.window, output, layer.activation.bounds)
        self.kernels = kernels
        try DepthwiseWeights.check(layer.weights, bias: layer.bias, window: window, channels: output.channels)
        try kernels.check(precision)
        if precision == .bfloat16, let bfloat16 = kernels.bfloat16 {
            format = .bfloat16
            kernelName = String(cString: bfloat16.depthwise_name)
            filters = try Self.rounded(layer)
        } else {
            format = .float32
            kernelName = String(cString: kernels.functions.depthwise_name)
            filters = .float32(try DepthwiseWeights(layer.weights, bias: layer.bias, kernels: kernels))
        }
    }

    private static func rounded(_ layer: SeparableBlock.Depthwise) throws(ComputeError) -> Filters {
        let (channels, height, width) = (layer.weights.shape[0], layer.window.kernelHeight, layer.window.kernelWidth)
        // Twice the columns and a pair, of whole blocks of channels.
        guard product(channels + bf16_depthwise_block, height, 2 * width + 2) != nil else {
            throw .tooLarge(what: "a layer's packed weights", limit: Int.max)
        }
        let numbers = bf16_depthwise_weight_count(channels, height, width)
        let weights = AlignedFloats(count: NumberFormat.bfloat16.floats(numbers)) { packed in
            layer.weights.withUnsafeBufferPointer { source in
                guard let start = source.baseAddress else { return }
                bf16_pack_depthwise(
                    start, channels, height, width,
                    UnsafeMutableRawPointer(packed).assumingMemoryBound(to: UInt16.self))
            }
        }
        let bias = AlignedFloats(count: bf16_depthwise_bias_count(channels)) { packed in
            guard let bias = layer.bias else { return bf16_pack_depthwise_bias(nil, channels, packed) }
            bias.withUnsafeBufferPointer { bf16_pack_depthwise_bias($0.baseAddress, channels, packed) }
        }
        return .bfloat16(weights: weights, bias: bias)
    }

    /// The columns that a row has in memory: its padding, and in bfloat16 one more, which completes the last pair.
    func pitch(of input: FeatureMap) -> Int {
        let reach = (output.width - 1) * window.strideWidth + window.kernelWidth
        return max(window.padding.left + input.width, reach) + (format == .bfloat16 ? 1 : 0)
    }

    /// Computes `rows` rows of output.
    ///
    /// - Parameters:
    ///   - lines: `(rows − 1) × stride + kernel height` rows of input, of ``format``; `nil` in the padding.
    ///   - made: the format of the output; floats, or ``format``.
    func run(_ lines: [UnsafeRawPointer?], rows: Int, to output: UnsafeMutableRawPointer, made: NumberFormat) {
        switch filters {
        case .float32(let weights):
            lines.map { $0?.assumingMemoryBound(to: Float.self) }.withUnsafeBufferPointer { lines in
                guard let lines = lines.baseAddress else { return }
                var band = f32_depthwise_band(
                    rows: lines, output_rows: rows, output_width: self.output.width, channels: self.output.channels,
                    kernel_height: window.kernelHeight, kernel_width: window.kernelWidth,
                    stride_height: window.strideHeight, stride_width: window.strideWidth,
                    weights: weights.weights.pointer, bias: weights.bias.pointer, weights_stride: weights.stride,
                    lower: bounds.lower, upper: bounds.upper, output: output.assumingMemoryBound(to: Float.self))
                kernels.functions.depthwise_band(&band)
            }
        case .bfloat16(let weights, let bias):
            lines.map { $0?.assumingMemoryBound(to: UInt16.self) }.withUnsafeBufferPointer { lines in
                guard let lines = lines.baseAddress else { return }
                var band = bf16_depthwise_band(
                    rows: lines, output_rows: rows, output_width: self.output.width, channels: self.output.channels,
                    kernel_height: window.kernelHeight, kernel_width: window.kernelWidth,
                    stride_height: window.strideHeight, stride_width: window.strideWidth,
                    weights: UnsafeRawPointer(weights.pointer).assumingMemoryBound(to: UInt16.self),
                    bias: bias.pointer, lower: bounds.lower, upper: bounds.upper, output: output,
                    rounded: made == .bfloat16)
                kernels.bfloat16?.depthwise_band(&band)
            }
        }
    }
}
