import CKernels

/// Weights of a 3×3 convolution, transformed by Winograd's F(4×4, 3×3) and laid out for the matrix product's tile:
/// `[panel][36][channel][tile columns]`, four times as many floats as there were.
struct WinogradWeights: Sendable {
    /// The products for each pair of channels.
    static let planes = 36

    let outputs: Int
    let channels: Int
    let panels: Int
    /// Floats of one panel.
    let panelCount: Int
    let weights: AlignedFloats
    let bias: AlignedFloats

    /// Transforms weights of shape `[outputs, channels, 3, 3]`, which the caller has checked.
    init(
        _ weights: Tensor, bias: Tensor?, outputs: Int, channels: Int, kernels: KernelTable
    ) throws(ComputeError) {
        let columns = kernels.functions.tile_columns
        self.outputs = outputs
        self.channels = channels
        panels = (outputs + columns - 1) / columns
        guard let panelCount = product(Self.planes, channels, columns), let count = product(panels, panelCount),
            count <= Int.max / MemoryLayout<Float>.stride
        else { throw .tooLarge(what: "a layer's transformed weights", limit: Int.max / MemoryLayout<Float>.stride) }
        self.panelCount = panelCount
        self.weights = AlignedFloats(count: count) { packed in
            weights.withUnsafeBufferPointer { source in
                guard let start = source.baseAddress else { return }
                let filters = channels * 9
                for (panel, first) in stride(from: 0, to: outputs, by: columns).enumerated() {
                    let end = min(first + columns, outputs)
                    f32_winograd_panels(
                        start + first * filters, end - first, channels, columns, packed + panel * panelCount)
                    weights.discard(first: end * filters)
                }
            }
        }
        self.bias = AlignedFloats(bias, paddedTo: panels * columns)
    }
}
