import CKernels

/// A matrix X `[rows, columns]`, row-major, for products from either side, X·Wᵀ and L·X, a block of rows at a time.
///
/// A block is as large as the L2 cache allows, so that a loss (X·Wᵀ) and its gradient (L·X) take X from memory once.
///
/// Blocks have the same size whatever the number of threads, and each element of a block's product is summed by one call of
/// one kernel: who computes it does not change it.
public struct BlockedMatrix: Sendable {
    public let rows: Int
    public let columns: Int
    /// Rows of a block; the last one may have fewer.
    public let blockRows: Int
    public let blocks: Int
    /// ``columns``, rounded up to whole vectors: the row stride of ``add(_:outputs:byBlock:to:)``.
    public let paddedColumns: Int
    private let kernels: KernelTable
    private let values: [Float]

    /// Half of the smallest L2 cache of today's servers: the weights and the gradient want room beside a block.
    private static let blockBytes = 1 << 18

    /// Keeps `values`, `[rows, columns]`, as they are: no copy.
    public init(_ values: [Float], rows: Int, columns: Int, kernels: KernelTable) throws(ComputeError) {
        guard rows > 0, columns > 0, product(rows, columns) == values.count else {
            throw .shapeMismatch(tensor: "matrix", expected: [rows, columns], found: [values.count])
        }
        let tileColumns = kernels.functions.tile_columns
        self.rows = rows
        self.columns = columns
        blockRows = max(1, min(Self.blockBytes / MemoryLayout<Float>.stride / columns, 96) / 4) * 4
        blocks = (rows - 1) / blockRows + 1
        paddedColumns = ((columns - 1) / tileColumns + 1) * tileColumns
        self.kernels = kernels
        self.values = values
    }

    /// `fill` writes the row of that index, `columns` floats; it is called once a row, by several threads at a time.
    public init(
        rows: Int, columns: Int, kernels: KernelTable, pool: ComputePool?,
        fill: (_ row: Int, _ destination: UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(ComputeError) {
        guard rows > 0, columns > 0 else {
            throw .shapeMismatch(tensor: "matrix", expected: [-1, -1], found: [rows, columns])
        }
        guard let count = product(rows, columns), count <= Int.max / MemoryLayout<Float>.stride else {
            throw .tooLarge(what: "a matrix", limit: Int.max / MemoryLayout<Float>.stride)
        }
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            HugePages.advise(UnsafeMutableRawBufferPointer(buffer))
            nonisolated(unsafe) let buffer = buffer
            // Tasks of some rows: a thread is woken once for all of them.
            let tasks = min(rows, 64)
            ComputePool.run(on: pool, tasks) { task, _ in
                for row in task * rows / tasks..<(task + 1) * rows / tasks {
                    fill(row, UnsafeMutableBufferPointer(rebasing: buffer[row * columns..<(row + 1) * columns]))
                }
            }
            initialized = count
        }
        try self.init(values, rows: rows, columns: columns, kernels: kernels)
    }

    /// The rows of a block.
    public func rows(ofBlock block: Int) -> Range<Int> {
        block * blockRows..<min(rows, (block + 1) * blockRows)
    }

    /// Writes one row, `columns` floats.
    public func copyRow(_ row: Int, to destination: UnsafeMutableBufferPointer<Float>) {
        precondition(row >= 0 && row < rows && destination.count == columns)
        values.withUnsafeBufferPointer { values in
            _ = destination.update(fromContentsOf: values[row * columns..<(row + 1) * columns])
        }
    }

    /// Weights and bias of X·Wᵀ + bias, for ``multiply(block:by:into:)``.
    public struct Factor: Sendable {
        public let outputs: Int
        /// `[outputs, paddedColumns]`
        fileprivate let weights: AlignedFloats
        fileprivate let bias: [Float]
    }

    /// - Parameters:
    ///   - weights: `[outputs, columns]`
    ///   - bias: `[outputs]`
    public func factor(weights: [Float], bias: [Float]) throws(ComputeError) -> Factor {
        let outputs = bias.count
        guard outputs > 0, outputs <= Int.max / paddedColumns, weights.count == outputs * columns else {
            throw .shapeMismatch(tensor: "factor", expected: [outputs, columns], found: [weights.count])
        }
        let padded = AlignedFloats(count: outputs * paddedColumns) { padded in
            padded.initialize(repeating: 0, count: outputs * paddedColumns)
            weights.withUnsafeBufferPointer { weights in
                guard let start = weights.baseAddress else { return }
                for output in 0..<outputs {
                    (padded + output * paddedColumns).update(from: start + output * columns, count: columns)
                }
            }
        }
        return Factor(outputs: outputs, weights: padded, bias: bias)
    }

    /// X·Wᵀ + bias of one block: writes as many rows as the block has, of `factor.outputs` floats.
    public func multiply(block: Int, by factor: Factor, into output: UnsafeMutablePointer<Float>) {
        withRows(ofBlock: block) { functions, rows in
            functions.row_dots(&rows, factor.weights.pointer, factor.bias, factor.outputs, output)
        }
    }

    /// X·Wᵀ + bias: `[rows, factor.outputs]`.
    public func multiply(by factor: Factor, pool: ComputePool?) -> [Float] {
        let outputs = factor.outputs
        return [Float](unsafeUninitializedCapacity: rows * outputs) { result, count in
            count = rows * outputs
            guard let start = result.baseAddress else { return }
            nonisolated(unsafe) let output = start
            ComputePool.run(on: pool, blocks) { block, _ in
                multiply(block: block, by: factor, into: output + block * blockRows * outputs)
            }
        }
    }

    /// Adds L·X of one block: reads L, `[outputs, rows of the block]`, and adds to `[outputs, paddedColumns]`. Meanwhile the next
    /// block comes from memory.
    public func add(
        _ left: UnsafePointer<Float>, outputs: Int, byBlock block: Int, to sums: UnsafeMutablePointer<Float>
    ) {
        withRows(ofBlock: block) { functions, rows in functions.row_sums(&rows, left, outputs, sums) }
    }

    private func withRows(ofBlock block: Int, _ body: (f32_kernels, inout f32_rows) -> Void) {
        let range = rows(ofBlock: block)
        values.withUnsafeBufferPointer { values in
            guard let start = values.baseAddress else { return }
            var rows = f32_rows(
                values: start + range.lowerBound * columns, rows: range.count, columns: columns,
                padded_columns: paddedColumns, ahead: range.upperBound < self.rows ? blockRows * columns : 0)
            body(kernels.functions, &rows)
        }
    }
}
