import CKernels

/// A 1×1 convolution of pixels that follow one another: what a ``SeparableBlock`` begins and ends with.
struct PointwiseProduct: Sendable {
    private let weights: PackedWeights
    private let zeros: AlignedFloats
    private let bounds: (lower: Float, upper: Float)
    private let kernels: KernelTable

    /// Floats of weights that stay in the L2 cache beside the pixels.
    private static let cachedWeights = 96 * 1024

    var outputs: Int { weights.outputs }

    init(_ layer: SeparableBlock.Pointwise, channels: Int, kernels: KernelTable) throws(ComputeError) {
        let outputs = layer.weights.shape.first ?? 0
        let expected = [max(outputs, 1), channels, 1, 1]
        guard layer.weights.shape == expected else {
            throw .shapeMismatch(
                tensor: "pointwise weights", expected: [-1] + expected.dropFirst(), found: layer.weights.shape)
        }
        try PackedWeights.check(bias: layer.bias, outputs: outputs)
        weights = try PackedWeights(
            layer.weights, bias: layer.bias, outputs: outputs, channels: channels, taps: 1, kernels: kernels)
        zeros = AlignedFloats(nil, paddedTo: channels)
        bounds = layer.activation.bounds
        self.kernels = kernels
    }

    /// - Parameters:
    ///   - lines: where lines of pixels begin, those of the input and those of the output.
    ///   - pixels: of each line.
    func run(
        lines: [(input: UnsafePointer<Float>, residual: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>)],
        pixels: Int
    ) {
        let functions = kernels.functions
        let (columns, igemm, panelCount) = (functions.tile_columns, functions.igemm, weights.panelCount)
        let rows = RowTiles(rows: pixels, tileRows: functions.tile_rows)
        let group = max(1, Self.cachedWeights / panelCount)
        var tile = f32_igemm(
            input: zeros.pointer, offsets: nil, input_stride: weights.channels, zeros: zeros.pointer, taps: 1,
            channels: weights.channels, weights: weights.weights.pointer, bias: weights.bias.pointer, residual: nil,
            output: UnsafeMutablePointer(mutating: zeros.pointer), output_stride: outputs, columns: columns,
            lower: bounds.lower, upper: bounds.upper)
        for firstPanel in stride(from: 0, to: weights.panels, by: group) {
            for line in lines {
                for index in 0..<rows.count {
                    let first = rows.start(index)
                    let function = igemm[rows.rows(index) - 1]
                    tile.input = line.input + first * weights.channels
                    for panel in firstPanel..<min(firstPanel + group, weights.panels) {
                        let at = first * outputs + panel * columns
                        tile.weights = weights.weights.pointer + panel * panelCount
                        tile.bias = weights.bias.pointer + panel * columns
                        tile.columns = min(columns, outputs - panel * columns)
                        tile.residual = line.residual.map { $0 + at }
                        tile.output = line.output + at
                        function(&tile)
                    }
                }
            }
        }
    }
}
