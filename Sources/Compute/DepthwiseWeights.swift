import CKernels

/// A filter for each channel, `[tap][channel]`, the channels rounded up to whole vectors.
struct DepthwiseWeights: Sendable {
    let weights: AlignedFloats
    let bias: AlignedFloats
    /// From tap to tap, in floats.
    let stride: Int

    /// Packs weights and bias that ``check(_:bias:window:channels:)`` has approved.
    init(_ weights: Tensor, bias: Tensor?, kernels: KernelTable) throws(ComputeError) {
        let (channels, taps) = (weights.shape[0], weights.shape[2] * weights.shape[3])
        let lanes = kernels.functions.lanes
        let stride = (channels + lanes - 1) / lanes * lanes
        guard let count = product(taps, stride) else {
            throw .tooLarge(what: "a layer's packed weights", limit: Int.max)
        }
        // As one panel as wide as the channels.
        self.weights = AlignedFloats(count: count) { packed in
            weights.withUnsafeBufferPointer { source in
                guard let start = source.baseAddress else { return }
                f32_pack_panels(start, channels, 1, taps, stride, packed)
            }
        }
        self.bias = AlignedFloats(bias, paddedTo: stride)
        self.stride = stride
    }

    /// Throws where the weights are not `[channels, 1, kernel height, kernel width]`, or the bias not `[channels]`.
    static func check(_ weights: Tensor, bias: Tensor?, window: Window, channels: Int) throws(ComputeError) {
        let expected = [channels, 1, window.kernelHeight, window.kernelWidth]
        guard weights.shape == expected else {
            throw .shapeMismatch(tensor: "depthwise weights", expected: expected, found: weights.shape)
        }
        try PackedWeights.check(bias: bias, outputs: channels)
    }
}
