import CKernels

/// C = activation(A·B + bias) of row-major matrices that change with every call, as a training step's do.
///
/// B is packed anew each time, into memory that is kept for the next call: one call at a time. Each element of C is summed
/// by one call of one kernel, in the order of A's columns: threads do not change it.
public final class MatrixProduct {
    private let kernels: KernelTable
    private var packed = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var zeros = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    public init(kernels: KernelTable) { self.kernels = kernels }

    deinit {
        packed.deallocate()
        zeros.deallocate()
    }

    /// - Parameters:
    ///   - a: `[rows, inner]`
    ///   - b: `[inner, columns]`
    ///   - bias: `[columns]`, or `nil` for zeros
    ///   - output: C, `[rows, columns]`
    public func run(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil,
        activation: Activation = .identity, rows: Int, inner: Int, columns: Int,
        into output: UnsafeMutablePointer<Float>, pool: ComputePool?
    ) {
        let functions = kernels.functions
        let (tileColumns, igemm) = (functions.tile_columns, functions.igemm)
        let panels = (columns + tileColumns - 1) / tileColumns
        let panelCount = (inner + 1) * tileColumns
        let zeros = Self.grow(&zeros, to: max(inner, tileColumns))
        zeros.initialize(repeating: 0, count: max(inner, tileColumns))
        nonisolated(unsafe) let packed = Self.grow(&packed, to: panels * panelCount)
        let tiles = RowTiles(rows: rows, tileRows: functions.tile_rows, distance: inner)
        let work = Double(rows) * Double(panels * panelCount)
        let shared = work < TileSplit.worthSharing ? nil : pool
        ComputePool.run(on: shared, panels) { panel, _ in
            Self.pack(
                b, bias: bias, inner: inner, columns: columns, from: panel * tileColumns, tileColumns: tileColumns,
                into: packed + panel * panelCount)
        }
        let split = TileSplit(
            tiles: tiles.count, panels: panels, panelCount: panelCount, threads: shared?.threads ?? 1)
        let bounds = activation.bounds
        ComputePool.run(on: shared, split.tasks) { task, _ in
            let (tileRange, panelRange) = split.ranges(task)
            var tile = f32_igemm(
                input: a, offsets: nil, input_stride: inner, zeros: zeros, taps: 1, channels: inner, weights: packed,
                bias: packed, residual: nil, output: output, output_stride: columns, columns: tileColumns,
                lower: bounds.lower, upper: bounds.upper, ahead: nil, ahead_step: 0)
            for index in tileRange {
                let first = tiles.start(index)
                tile.input = a + first * inner
                for panel in panelRange {
                    let column = panel * tileColumns
                    tile.bias = UnsafePointer(packed + panel * panelCount)
                    tile.weights = tile.bias + tileColumns
                    tile.columns = min(tileColumns, columns - column)
                    tile.output = output + (first * columns + column)
                    igemm[tiles.rows(index) - 1](&tile)
                }
            }
        }
    }

    /// A panel: the bias, then each row of B, of as many columns as a tile has; zeros past the last one.
    private static func pack(
        _ b: UnsafePointer<Float>, bias: UnsafePointer<Float>?, inner: Int, columns: Int, from column: Int,
        tileColumns: Int, into panel: UnsafeMutablePointer<Float>
    ) {
        let count = min(tileColumns, columns - column)
        if bias == nil || count < tileColumns { panel.update(repeating: 0, count: tileColumns) }
        if let bias { panel.update(from: bias + column, count: count) }
        for row in 0..<inner {
            let line = panel + (row + 1) * tileColumns
            line.update(from: b + (row * columns + column), count: count)
            (line + count).update(repeating: 0, count: tileColumns - count)
        }
    }

    private static func grow(
        _ memory: inout UnsafeMutableRawBufferPointer, to count: Int
    ) -> UnsafeMutablePointer<Float> {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        if memory.count < bytes {
            memory.deallocate()
            memory = .allocate(byteCount: bytes, alignment: 64)
        }
        return memory.baseAddress.unsafelyUnwrapped.bindMemory(to: Float.self, capacity: count)
    }

    /// Writes the transposed matrix, `[columns, rows]`.
    public static func transpose(
        _ source: UnsafePointer<Float>, rows: Int, columns: Int, into destination: UnsafeMutablePointer<Float>
    ) {
        f32_transpose(source, rows, columns, destination)
    }
}
