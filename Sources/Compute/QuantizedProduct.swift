import CKernels

/// The product of rows of bytes, read where they lie, with packed weights of 8 bits: as ``IndirectProduct``.
struct QuantizedProduct: Sendable {
    private let kernels: KernelTable
    private let weights: QuantizedWeights
    private let output: QuantizedOutput
    private let multipliers: AlignedFloats
    private let biases: AlignedFloats
    private let zeros: AlignedFloats
    private let indirection: Indirection?
    /// Where the residual, if there is one, is bytes.
    private let residualIsBytes: Bool

    /// - Parameter indirection: `nil` where rows follow one another.
    init(
        _ weights: QuantizedWeights, zeroPoint: Float, output: QuantizedOutput, residualIsBytes: Bool,
        indirection: Indirection?, kernels: KernelTable
    ) {
        self.kernels = kernels
        self.weights = weights
        self.output = output
        self.residualIsBytes = residualIsBytes
        self.indirection = indirection
        let columns = weights.panels * kernels.integers.tile_columns
        multipliers = AlignedFloats(output.multipliers, paddedTo: columns)
        biases = AlignedFloats(output.biases, paddedTo: columns)
        zeros = AlignedFloats(bytes: 4 * weights.quads, of: UInt8(zeroPoint))
    }

    /// Floats of weights, 128 KB: those that follow are on their way to the L2 cache meanwhile. Two panels at least, whose output
    /// fills cache lines.
    private static let cachedWeights = 32 * 1024

    /// How many rows are multiplied together.
    static func tiles(rows: Int, kernels: KernelTable) -> RowTiles {
        RowTiles(rows: rows, tileRows: kernels.integers.tile_rows)
    }

    /// Writes `rows` rows of bytes or floats.
    ///
    /// - Parameters:
    ///   - inputStride: from row to row in bytes, where there is no indirection.
    ///   - outputStride: from row to row, in bytes or floats, of the output and the residual.
    func run(
        input: UnsafePointer<UInt8>, inputStride: Int, residual: UnsafeRawPointer?, output: UnsafeMutableRawPointer,
        outputStride: Int, rows: Int, pool: ComputePool?
    ) {
        let tiles = Self.tiles(rows: rows, kernels: kernels)
        let work = Double(rows) * Double(weights.panels * weights.panelFloats)
        let split = TileSplit(
            tiles: tiles.count, panels: weights.panels, panelCount: weights.panelFloats,
            cachedWeights: max(Self.cachedWeights, 2 * weights.panelFloats),
            threads: work < TileSplit.worthSharing ? 1 : pool?.threads ?? 1)
        ComputePool.run(on: split.tasks > 1 ? pool : nil, split.tasks) { task, _ in
            let (tileRange, panelRange) = split.ranges(task)
            multiply(
                tiles, tileRange, panelRange, input: input, inputStride: inputStride, residual: residual,
                output: output, outputStride: outputStride)
        }
    }

    private func multiply(
        _ tiles: RowTiles, _ tileRange: Range<Int>, _ panelRange: Range<Int>, input: UnsafePointer<UInt8>,
        inputStride: Int, residual: UnsafeRawPointer?, output: UnsafeMutableRawPointer, outputStride: Int
    ) {
        let columns = kernels.integers.tile_columns
        let size = self.output.grid == nil ? MemoryLayout<Float>.stride : 1
        let functions = self.output.grid == nil ? kernels.integers.igemm_floats : kernels.integers.igemm_bytes
        let packed = UnsafeRawPointer(weights.packed.pointer).assumingMemoryBound(to: Int8.self)
        let panelBytes = weights.panelFloats * MemoryLayout<Float>.stride
        var tile = i8_igemm(
            input: input, offsets: nil, input_stride: inputStride,
            zeros: UnsafeRawPointer(zeros.pointer).assumingMemoryBound(to: UInt8.self), taps: weights.taps,
            quads: weights.quads, weights: packed, weights_ahead: packed,
            ahead_step: divideUp(panelBytes / (weights.taps * weights.quads), tileRange.count),
            finish: self.output.finish(multipliers: multipliers, biases: biases), byte_residual: nil,
            float_residual: nil, output: output, output_stride: outputStride, columns: columns)
        for index in tileRange {
            let (first, count) = (tiles.start(index), tiles.rows(index))
            if let indirection {
                tile.offsets = indirection.offsets + first * weights.taps
            } else {
                tile.input = input + first * inputStride
            }
            let function = functions[count - 1]
            for panel in panelRange {
                let column = panel * columns
                let at = first * outputStride + column
                tile.weights = packed + panel * panelBytes
                // The panel that takes this one's place when all tiles are done, each tile a part of it. Asked for by the first
                // tile alone, it would come slower than it is multiplied: layers of 7×7 pixels took 7 % longer.
                let ahead = min(panel + panelRange.count, weights.panels - 1)
                tile.weights_ahead =
                    packed + ahead * panelBytes + panelBytes / tileRange.count * (index - tileRange.lowerBound)
                tile.finish.multipliers = multipliers.pointer + column
                tile.finish.biases = biases.pointer + column
                tile.columns = min(columns, weights.outputs - column)
                tile.output = output + at * size
                if residualIsBytes {
                    tile.byte_residual = residual.map { $0.assumingMemoryBound(to: UInt8.self) + at }
                } else {
                    tile.float_residual = residual.map { $0.assumingMemoryBound(to: Float.self) + at }
                }
                function(&tile)
            }
        }
    }

    var kernelName: String { String(cString: kernels.integers.igemm_name) }
}
