import CKernels

/// A matrix X `[rows, columns]` stored once for products from either side, X·Wᵀ and L·X, a block of rows at a time.
///
/// Laid out `[block][panel][row of the block][tile columns]`. The microkernel reads a panel as input, where it is one tap of
/// a row, and as weights, where its rows are the channels: the same copy serves both. A block is as large as the L2 cache
/// allows, so that a loss (X·Wᵀ) and its gradient (L·X) take X from memory once.
///
/// Blocks have the same size whatever the number of threads, and each element of a product is summed by one call of one
/// kernel: who computes a block does not change it.
public final class BlockedMatrix: Sendable {
    public let rows: Int
    public let columns: Int
    /// Rows of a block. The last one is filled up with zeros.
    public let blockRows: Int
    public let blocks: Int
    /// ``columns``, rounded up to whole panels: the row stride of ``multiply(_:outputs:byBlock:into:)``.
    public let paddedColumns: Int
    private let kernels: KernelTable
    private let values: AlignedFloats
    private let zeros: AlignedFloats
    /// `[panel][row of a tile]`: the same for every tile of every block.
    private let offsets: [Int32]

    /// Half of the smallest L2 cache of today's servers: the weights and the gradient want room beside a block.
    private static let blockBytes = 1 << 18

    /// `fill` writes the row of that index, `columns` floats; it is called once a row, by several threads at a time.
    public init(
        rows: Int, columns: Int, kernels: KernelTable, pool: ComputePool?,
        fill: (_ row: Int, _ destination: UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(ComputeError) {
        guard rows > 0, columns > 0 else {
            throw .shapeMismatch(tensor: "matrix", expected: [-1, -1], found: [rows, columns])
        }
        let functions = kernels.functions
        let (tileRows, tileColumns) = (functions.tile_rows, functions.tile_columns)
        guard columns <= Int(Int32.max) / (96 * tileRows) else {
            throw .tooLarge(what: "a matrix's row", limit: Int(Int32.max) / (96 * tileRows))
        }
        let panels = (columns + tileColumns - 1) / tileColumns
        let paddedColumns = panels * tileColumns
        let fitting = Self.blockBytes / (paddedColumns * MemoryLayout<Float>.stride)
        let blockRows = max(1, min(fitting, 96) / tileRows) * tileRows
        let blocks = (rows - 1) / blockRows + 1
        guard let count = product(blocks, blockRows, paddedColumns), count <= Int.max / MemoryLayout<Float>.stride
        else { throw .tooLarge(what: "a matrix", limit: Int.max / MemoryLayout<Float>.stride) }
        self.rows = rows
        self.columns = columns
        self.blockRows = blockRows
        self.blocks = blocks
        self.paddedColumns = paddedColumns
        self.kernels = kernels
        zeros = AlignedFloats(nil, paddedTo: tileColumns)
        offsets = (0..<panels).flatMap { panel in
            (0..<tileRows).map { row in Int32((panel * blockRows + row) * tileColumns) }
        }
        values = AlignedFloats(count: count) { start in
            ComputePool.run(on: pool, blocks) { block, _ in
                let first = block * blockRows
                let floats = start + first * paddedColumns
                floats.initialize(repeating: 0, count: blockRows * paddedColumns)
                let line = UnsafeMutablePointer<Float>.allocate(capacity: paddedColumns)
                defer { line.deallocate() }
                line.initialize(repeating: 0, count: paddedColumns)
                for row in 0..<min(blockRows, rows - first) {
                    fill(first + row, UnsafeMutableBufferPointer(start: line, count: columns))
                    for panel in 0..<panels {
                        (floats + (panel * blockRows + row) * tileColumns)
                            .update(from: line + panel * tileColumns, count: tileColumns)
                    }
                }
            }
        }
    }

    /// The rows of a block that are not filling.
    public func rows(ofBlock block: Int) -> Range<Int> {
        block * blockRows..<min(rows, (block + 1) * blockRows)
    }

    /// Writes one row, `columns` floats.
    public func copyRow(_ row: Int, to destination: UnsafeMutableBufferPointer<Float>) {
        precondition(row >= 0 && row < rows && destination.count == columns)
        let tileColumns = kernels.functions.tile_columns
        let (block, rowOfBlock) = row.quotientAndRemainder(dividingBy: blockRows)
        let start = values.pointer + (block * blockRows * paddedColumns + rowOfBlock * tileColumns)
        var column = 0
        while column < columns {
            let count = min(tileColumns, columns - column)
            _ = destination[column..<column + count].update(
                fromContentsOf: UnsafeBufferPointer(start: start + column * blockRows, count: count))
            column += tileColumns
        }
    }

    /// Weights of X·Wᵀ + bias, packed for ``multiply(block:by:into:)``.
    public struct Factor: Sendable {
        public let outputs: Int
        fileprivate let packed: PackedWeights
    }

    /// - Parameters:
    ///   - weights: `[outputs, columns]`
    ///   - bias: `[outputs]`
    public func factor(weights: [Float], bias: [Float]) throws(ComputeError) -> Factor {
        let outputs = bias.count
        guard outputs > 0, outputs <= Int.max / paddedColumns, weights.count == outputs * columns else {
            throw .shapeMismatch(tensor: "factor", expected: [outputs, columns], found: [weights.count])
        }
        let packed = PackedWeights(
            padding: weights, bias: bias, channels: columns, to: paddedColumns, kernels: kernels)
        return Factor(outputs: outputs, packed: packed)
    }

    /// X·Wᵀ + bias of one block: writes ``blockRows`` × `factor.outputs` floats.
    public func multiply(block: Int, by factor: Factor, into output: UnsafeMutablePointer<Float>) {
        let functions = kernels.functions
        let (tileRows, tileColumns) = (functions.tile_rows, functions.tile_columns)
        let (outputs, packed) = (factor.outputs, factor.packed)
        let start = values.pointer + block * blockRows * paddedColumns
        let function = functions.igemm[tileRows - 1]
        offsets.withUnsafeBufferPointer { offsets in
            var tile = f32_igemm(
                input: start, offsets: offsets.baseAddress, input_stride: 0, zeros: zeros.pointer,
                taps: paddedColumns / tileColumns, channels: tileColumns, weights: packed.weights.pointer,
                bias: packed.bias.pointer, residual: nil, output: output, output_stride: outputs,
                columns: tileColumns, lower: -.infinity, upper: .infinity)
            for panel in 0..<packed.panels {
                let column = panel * tileColumns
                tile.weights = packed.weights.pointer + panel * packed.panelCount
                tile.bias = packed.bias.pointer + column
                tile.columns = min(tileColumns, outputs - column)
                for row in stride(from: 0, to: blockRows, by: tileRows) {
                    tile.input = start + row * tileColumns
                    tile.output = output + (row * outputs + column)
                    function(&tile)
                }
            }
        }
    }

    /// X·Wᵀ + bias: `[rows, factor.outputs]`.
    public func multiply(by factor: Factor, pool: ComputePool?) -> [Float] {
        let outputs = factor.outputs
        return [Float](unsafeUninitializedCapacity: rows * outputs) { result, count in
            nonisolated(unsafe) let result = result
            ComputePool.run(on: pool, blocks) { block, _ in
                let product = UnsafeMutablePointer<Float>.allocate(capacity: blockRows * outputs)
                defer { product.deallocate() }
                multiply(block: block, by: factor, into: product)
                let range = rows(ofBlock: block)
                _ = UnsafeMutableBufferPointer(
                    rebasing: result[range.lowerBound * outputs..<range.upperBound * outputs]
                )
                .initialize(from: UnsafeBufferPointer(start: product, count: range.count * outputs))
            }
            count = rows * outputs
        }
    }

    /// L·X of one block: reads L, `outputs` × ``blockRows``, and writes `outputs` × ``paddedColumns`` floats.
    /// L must be finite where it meets the last block's filling.
    public func multiply(
        _ left: UnsafePointer<Float>, outputs: Int, byBlock block: Int, into output: UnsafeMutablePointer<Float>
    ) {
        let functions = kernels.functions
        let (tileColumns, igemm) = (functions.tile_columns, functions.igemm)
        let tiles = RowTiles(rows: outputs, tileRows: functions.tile_rows)
        let start = values.pointer + block * blockRows * paddedColumns
        var tile = f32_igemm(
            input: left, offsets: nil, input_stride: blockRows, zeros: zeros.pointer, taps: 1, channels: blockRows,
            weights: start, bias: zeros.pointer, residual: nil, output: output, output_stride: paddedColumns,
            columns: tileColumns, lower: -.infinity, upper: .infinity)
        for column in stride(from: 0, to: paddedColumns, by: tileColumns) {
            tile.weights = start + column * blockRows
            for index in 0..<tiles.count {
                let row = tiles.start(index)
                tile.input = left + row * blockRows
                tile.output = output + (row * paddedColumns + column)
                igemm[tiles.rows(index) - 1](&tile)
            }
        }
    }
}
