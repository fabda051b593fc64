import CKernels

/// Weights and bias laid out for the matrix product's tile: `[panel][tap][channel][tile columns]`, a panel being
/// as many output channels as the tile has columns. The last panel is filled up with zeros. In bfloat16 `[panel][tap][pair][tile
/// columns][2]`, an odd tap's last number a zero.
struct PackedWeights: Sendable {
    let outputs: Int
    /// Of a tap, the merged ones' together.
    let channels: Int
    let taps: Int
    /// Of a tap's numbers, in bfloat16.
    var pairs: Int { (channels + 1) / 2 }
    let precision: Precision
    let panels: Int
    /// Floats of one panel, or pairs of bfloat16, which take as much memory.
    let panelCount: Int
    let weights: AlignedFloats
    let bias: AlignedFloats

    /// 16 MB: a part of any large layer, and a few calls of the system.
    private static let floatsBetweenDiscards = 1 << 22

    /// Packs weights of `outputs × channels × taps` elements in that order. The caller has checked their number.
    ///
    /// - Parameter merging: a divisor of the taps, so many of which are one, since their input follows one another.
    init(
        _ weights: Tensor, bias: Tensor?, outputs: Int, channels: Int, taps: Int, merging: Int = 1,
        precision: Precision = .float32, kernels: KernelTable
    ) throws(ComputeError) {
        try kernels.check(precision)
        let columns = kernels.functions.tile_columns
        self.outputs = outputs
        self.channels = channels * merging
        self.taps = taps / merging
        self.precision = precision
        panels = (outputs + columns - 1) / columns
        let elements = channels * taps
        guard
            let panelCount = precision == .float32
                ? product(taps, channels, columns) : product(self.taps, (self.channels + 1) / 2, columns),
            let count = product(panels, panelCount), count <= Int.max / MemoryLayout<Float>.stride
        else { throw .tooLarge(what: "a layer's packed weights", limit: Int.max / MemoryLayout<Float>.stride) }
        self.panelCount = panelCount
        if precision == .bfloat16 {
            self.weights = AlignedFloats(count: count) { packed in
                weights.withUnsafeBufferPointer { source in
                    guard let start = source.baseAddress else { return }
                    for (panel, first) in stride(from: 0, to: outputs, by: columns).enumerated() {
                        let end = min(first + columns, outputs)
                        let target = UnsafeMutableRawPointer(packed + panel * panelCount)
                        bf16_pack_panels(
                            start + first * elements, end - first, channels, taps, merging, columns,
                            target.assumingMemoryBound(to: UInt16.self))
                        if !weights.isTransposed { weights.discard(first: end * elements) }
                    }
                }
            }
            self.bias = AlignedFloats(bias, paddedTo: panels * columns)
            return
        }
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

    /// The product's name, as `f32_igemm_12x32__avx512`.
    func kernelName(_ kernels: KernelTable) -> String {
        switch precision {
        case .float32: String(cString: kernels.functions.igemm_name)
        case .bfloat16: kernels.bfloat16.map { String(cString: $0.name) } ?? ""
        }
    }

    /// Throws where `bias` is not one number for each of `outputs`.
    static func check(bias: Tensor?, outputs: Int) throws(ComputeError) {
        if let bias, bias.shape != [outputs] {
            throw .shapeMismatch(tensor: "bias", expected: [outputs], found: bias.shape)
        }
    }
}
