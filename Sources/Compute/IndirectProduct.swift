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
    let formats: NumberFormats
    private let readsBehind: Bool
    /// From one row of the output to the next; more than `weights.outputs` where others write what lies between.
    private let outputStride: Int
    private let zeros: AlignedFloats

    /// - Parameter readsBehind: as a ``ProductTile`` does.
    init(
        kernels: KernelTable, weights: PackedWeights, indirection: Indirection?, rows: Int, inputCount: Int,
        outputStride: Int? = nil, activation: Activation, formats: NumberFormats = NumberFormats(),
        readsBehind: Bool = false
    ) {
        (self.formats, self.readsBehind) = (formats, readsBehind)
        self.kernels = kernels
        self.weights = weights
        self.indirection = indirection
        self.rows = rows
        self.inputCount = inputCount
        self.activation = activation
        self.outputStride = outputStride ?? weights.outputs
        zeros = AlignedFloats(nil, paddedTo: weights.channels)
    }

    /// How rows are tiled that lie `distance` numbers apart. Those of bfloat16 are copied first, to where they do not collide.
    static func tiles(rows: Int, distance: Int, precision: Precision, kernels: KernelTable) -> RowTiles {
        let tileRows = kernels.functions.tile_rows
        return precision == .float32
            ? RowTiles(rows: rows, tileRows: tileRows, distance: distance) : RowTiles(rows: rows, tileRows: tileRows)
    }

    /// The floats of memory that each thread of a run needs.
    var scratchCount: Int { ProductTile.scratchCount(weights, kernels: kernels) }

    /// Reads and writes numbers of ``formats``; writes `images × rows × weights.outputs` of them, each row `outputStride` behind the one before.
    ///
    /// - Parameter scratch: ``scratchCount`` floats for each of the pool's threads; what they were is lost.
    func run(
        input: UnsafeRawPointer, residual: UnsafeRawPointer?, output: UnsafeMutableRawPointer, images: Int,
        pool: ComputePool?, scratch: (_ worker: Int) -> UnsafeMutablePointer<Float>
    ) {
        // Without an indirection the images are one tall matrix; with one, a tile lies within an image.
        let matrices = indirection == nil ? 1 : images
        let tiles =
            indirection?.tiles
            ?? Self.tiles(
                rows: rows * images, distance: weights.channels, precision: weights.precision, kernels: kernels)
        let work = Double(rows) * Double(images) * Double(weights.panels * weights.panelCount)
        let split = TileSplit(
            tiles: matrices * tiles.count, panels: weights.panels, panelCount: weights.panelCount,
            threads: work < TileSplit.worthSharing ? 1 : pool?.threads ?? 1)
        ComputePool.run(on: split.tasks > 1 ? pool : nil, split.tasks) { task, worker in
            let (tileRange, panelRange) = split.ranges(task)
            multiply(
                tiles: tiles, tileRange, panelRange, input: input, residual: residual, output: output,
                scratch: scratch(worker))
        }
    }

    private func multiply(
        tiles: RowTiles, _ tileRange: Range<Int>, _ panelRange: Range<Int>, input: UnsafeRawPointer,
        residual: UnsafeRawPointer?, output: UnsafeMutableRawPointer, scratch: UnsafeMutablePointer<Float>
    ) {
        let offsets = indirection?.offsets
        var tile = ProductTile(
            weights, zeros: zeros, outputStride: outputStride, activation: activation, formats: formats,
            readsBehind: readsBehind, kernels: kernels, scratch: scratch)
        for index in tileRange {
            let (image, tileOfImage) = index.quotientAndRemainder(dividingBy: tiles.count)
            let first = tiles.start(tileOfImage)
            let rows = ProductTile.Rows(
                input: input + (offsets == nil ? first * weights.channels : image * inputCount) * formats.input.size,
                offsets: offsets.map { $0 + first * weights.taps }, count: tiles.rows(tileOfImage))
            let outputRow = (image * tiles.rows + first) * outputStride
            tile.multiply(
                rows, panels: panelRange, residual: residual.map { $0 + outputRow * formats.residual.size },
                output: output + outputRow * formats.output.size,
                ahead: ahead(of: index, tiles, tileRange, panelRange, input: input))
        }
    }

    /// What is read after a tile and may lie beyond the L2 cache: its share of the weights of the panels that follow or, with the
    /// last panels, the rows of the tile that follows.
    private func ahead(
        of tile: Int, _ tiles: RowTiles, _ tileRange: Range<Int>, _ panelRange: Range<Int>, input: UnsafeRawPointer
    ) -> UnsafeRawBufferPointer {
        let following = min(panelRange.count, weights.panels - panelRange.upperBound)
        if following > 0 {
            let floats = following * weights.panelCount
            let share = floats * (tile - tileRange.lowerBound) / tileRange.count
            return UnsafeRawBufferPointer(
                start: weights.weights.pointer + (panelRange.upperBound * weights.panelCount + share),
                count: floats / tileRange.count * MemoryLayout<Float>.stride)
        }
        guard indirection == nil, tile + 1 < tileRange.upperBound else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let rowBytes = weights.channels * formats.input.size
        return UnsafeRawBufferPointer(
            start: input + tiles.start(tile + 1) * rowBytes, count: tiles.rows(tile + 1) * rowBytes)
    }
}
