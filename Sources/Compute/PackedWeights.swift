import CKernels

/// Weights and bias laid out for the matrix product's tile: `[panel][tap][channel][tile columns]`, a panel being
/// as many output channels as the tile has columns. The last panel is filled up with zeros.
struct PackedWeights: Sendable {
    let outputs: Int
    let channels: Int
    let taps: Int
    let panels: Int
    /// Floats of one panel.
    let panelCount: Int
    let weights: AlignedFloats
    let bias: AlignedFloats

    /// 16 MB: a part of any large layer, and a few calls of the system.
    private static let floatsBetweenDiscards = 1 << 22

    /// Packs weights of `outputs × channels × taps` elements in that order. The caller has checked their number.
    init(
        _ weights: Tensor, bias: Tensor?, outputs: Int, channels: Int, taps: Int, kernels: KernelTable
    ) throws(ComputeError) {
        let columns = kernels.functions.tile_columns
        self.outputs = outputs
        self.channels = channels
        self.taps = taps
        panels = (outputs + columns - 1) / columns
        guard let panelCount = product(taps, channels, columns),
            let count = product(panels, panelCount), count <= Int.max / MemoryLayout<Float>.stride
        else { throw .tooLarge(what: "a layer's packed weights", limit: Int.max / MemoryLayout<Float>.stride) }
        self.panelCount = panelCount
        let elements = channels * taps
        self.weights = AlignedFloats(count: count, isFilledInOrder: !weights.isTransposed) { packed in
            weights.withMemory { source in
                guard let start = source.baseAddress else { return }
                // The weights are read on from first to last: of a large layer, what was read is given back on the way.
                if weights.isTransposed {
                    for first in stride(from: 0, to: elements, by: max(1, Self.floatsBetweenDiscards / outputs)) {
                        let end = min(first + max(1, Self.floatsBetweenDiscards / outputs), elements)
                        f32_pack_transposed(start, first, end, outputs, channels, taps, columns, packed)
                        weights.discard(first: end * outputs)
                    }
                    return
                }
                let step = max(1, Self.floatsBetweenDiscards / panelCount) * columns
                for first in stride(from: 0, to: outputs, by: step) {
                    let end = min(first + step, outputs)
                    f32_pack_panels(
                        start + first * elements, end - first, channels, taps, columns, packed + first * elements)
                    weights.discard(first: end * elements)
                }
            }
        }
        self.bias = AlignedFloats(bias, paddedTo: panels * columns)
    }

    /// The same weights for rows that hold all taps' channels one after another.
    func asOneTap() -> PackedWeights { mergingTaps(taps) }

    /// The same weights for rows that hold the channels of `count` taps one after another; `taps` is a multiple of it.
    func mergingTaps(_ count: Int) -> PackedWeights {
        PackedWeights(
            outputs: outputs, channels: channels * count, taps: taps / count, panels: panels, panelCount: panelCount,
            weights: weights, bias: bias)
    }

    private init(
        outputs: Int, channels: Int, taps: Int, panels: Int, panelCount: Int, weights: AlignedFloats,
        bias: AlignedFloats
    ) {
        self.outputs = outputs
        self.channels = channels
        self.taps = taps
        self.panels = panels
        self.panelCount = panelCount
        self.weights = weights
        self.bias = bias
    }

    /// Throws where `bias` is not one number for each of `outputs`.
    static func check(bias: Tensor?, outputs: Int) throws(ComputeError) {
        if let bias, bias.shape != [outputs] {
            throw .shapeMismatch(tensor: "bias", expected: [outputs], found: bias.shape)
        }
    }
}
