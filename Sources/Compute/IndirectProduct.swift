import CKernels

/// The product of rows of input, read where they lie, with packed weights: what convolutions and dense layers are.
///
/// Chooses the order of tiles so that weights stay in the L2 cache, and splits them between threads. Neither changes
/// a result: each output element is summed by one call of one kernel, in the order of taps and channels.
struct IndirectProduct: Sendable {
    let kernels: KernelTable
    let weights: PackedWeights
    /// `nil` where row `i` is the `i`-th run of `weights.channels` floats.
    let indirection: Indirection?
    /// Of one image.
    let rows: Int
    /// Of one image.
    let inputCount: Int
    let activation: Activation
    /// From one row of the output to the next; more than `weights.outputs` where others write what lies between.
    private let outputStride: Int
    private let zeros: AlignedFloats

    init(
        kernels: KernelTable, weights: PackedWeights, indirection: Indirection?, rows: Int, inputCount: Int,
        outputStride: Int? = nil, activation: Activation
    ) {
        self.kernels = kernels
        self.weights = weights
        self.indirection = indirection
        self.rows = rows
        self.inputCount = inputCount
        self.activation = activation
        self.outputStride = outputStride ?? weights.outputs
        zeros = AlignedFloats(nil, paddedTo: weights.channels)
    }

    /// Writes `images × rows × weights.outputs` floats, each row `outputStride` behind the one before.
    func run(
        input: UnsafePointer<Float>, residual: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>, images: Int,
        pool: ComputePool?
    ) {
        // Without an indirection the images are one tall matrix; with one, a tile lies within an image.
        let matrices = indirection == nil ? 1 : images
        let functions = kernels.functions
        let tiles = RowTiles(rows: indirection == nil ? rows * images : rows, tileRows: functions.tile_rows)
        let work = Double(rows) * Double(images) * Double(weights.panels * weights.panelCount)
        let split = TileSplit(
            tiles: matrices * tiles.count, panels: weights.panels, panelCount: weights.panelCount,
            threads: work < TileSplit.worthSharing ? 1 : pool?.threads ?? 1)
        ComputePool.run(on: split.tasks > 1 ? pool : nil, split.tasks) { task, _ in
            let (tileRange, panelRange) = split.ranges(task)
            multiply(
                tiles: tiles, tileRange, panelRange, functions: functions, input: input, residual: residual,
                output: output)
        }
    }

    private func multiply(
        tiles: RowTiles, _ tileRange: Range<Int>, _ panelRange: Range<Int>, functions: f32_kernels,
        input: UnsafePointer<Float>, residual: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>
    ) {
        let (outputs, panelCount, columns) = (weights.outputs, weights.panelCount, functions.tile_columns)
        let outputStride = outputStride
        let (taps, inputCount) = (weights.taps, inputCount)
        let igemm = functions.igemm
        let (panelStart, biasStart) = (weights.weights.pointer, weights.bias.pointer)
        let offsets = indirection?.offsets
        let bounds = activation.bounds
        var tile = f32_igemm(
            input: input, offsets: nil, input_stride: weights.channels, zeros: zeros.pointer, taps: taps,
            channels: weights.channels, weights: panelStart, bias: biasStart, residual: nil, output: output,
            output_stride: outputStride, columns: columns, lower: bounds.lower, upper: bounds.upper)
        for index in tileRange {
            let (image, tileOfImage) = index.quotientAndRemainder(dividingBy: tiles.count)
            let first = tiles.start(tileOfImage)
            let function = igemm[tiles.rows(tileOfImage) - 1]
            if let offsets {
                tile.input = input + image * inputCount
                tile.offsets = offsets + first * taps
            } else {
                tile.input = input + first * tile.input_stride
            }
            let outputRow = (image * tiles.rows + first) * outputStride
            for panel in panelRange {
                let column = panel * columns
                tile.weights = panelStart + panel * panelCount
                tile.bias = biasStart + column
                tile.columns = min(columns, outputs - column)
                tile.output = output + (outputRow + column)
                tile.residual = residual.map { $0 + (outputRow + column) }
                function(&tile)
            }
        }
    }
}
