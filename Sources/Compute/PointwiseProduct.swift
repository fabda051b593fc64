import CKernels

/// A 1×1 convolution of pixels that follow one another: what a ``SeparableBlock`` begins and ends with.
struct PointwiseProduct: Sendable {
    private let weights: PackedWeights
    private let zeros: AlignedFloats
    private let activation: Activation
    private let kernels: KernelTable

    var outputs: Int { weights.outputs }

    init(
        _ layer: SeparableBlock.Pointwise, channels: Int, precision: Precision, kernels: KernelTable
    ) throws(ComputeError) {
        let outputs = layer.weights.shape.first ?? 0
        let expected = [max(outputs, 1), channels, 1, 1]
        guard layer.weights.shape == expected else {
            throw .shapeMismatch(
                tensor: "pointwise weights", expected: [-1] + expected.dropFirst(), found: layer.weights.shape)
        }
        try PackedWeights.check(bias: layer.bias, outputs: outputs)
        weights = try PackedWeights(
            layer.weights, bias: layer.bias, outputs: outputs, channels: channels, taps: 1,
            precision: precision, kernels: kernels)
        zeros = AlignedFloats(nil, paddedTo: channels)
        activation = layer.activation
        self.kernels = kernels
    }

    /// The floats of memory that a run needs for itself.
    var scratchCount: Int { ProductTile.scratchCount(weights, kernels: kernels) }

    /// The product's name.
    var kernelName: String { weights.kernelName(kernels) }

    /// - Parameters:
    ///   - lines: where lines of pixels begin, those of the input and those of the output.
    ///   - pixels: of each line.
    ///   - formats: of the lines.
    ///   - scratch: ``scratchCount`` floats; what they were is lost.
    func run(
        lines: [(input: UnsafeRawPointer, residual: UnsafeRawPointer?, output: UnsafeMutableRawPointer)],
        pixels: Int, formats: NumberFormats, scratch: UnsafeMutablePointer<Float>
    ) {
        let rows = RowTiles(rows: pixels, tileRows: kernels.functions.tile_rows)
        let group = max(1, TileSplit.cachedWeights / weights.panelCount)
        var tile = ProductTile(
            weights, zeros: zeros, outputStride: outputs, activation: activation, formats: formats, kernels: kernels,
            scratch: scratch)
        for firstPanel in stride(from: 0, to: weights.panels, by: group) {
            let panels = firstPanel..<min(firstPanel + group, weights.panels)
            for line in lines {
                for index in 0..<rows.count {
                    let first = rows.start(index)
                    let at = first * outputs
                    tile.multiply(
                        ProductTile.Rows(
                            input: line.input + first * weights.channels * formats.input.size, offsets: nil,
                            count: rows.rows(index)),
                        panels: panels, residual: line.residual.map { $0 + at * formats.residual.size },
                        output: line.output + at * formats.output.size)
                }
            }
        }
    }
}
