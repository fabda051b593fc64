import CKernels

/// Some rows times some panels of packed weights, in the weights' precision: the inner part of every product, for one thread.
struct ProductTile {
    /// Rows of input that are multiplied together, at most as many as the kernels' tile has.
    struct Rows {
        /// What offsets refer to; else the first row. Of the formats' numbers.
        var input: UnsafeRawPointer
        /// `[tap][row]`, or `nil` where the rows follow one another.
        var offsets: UnsafePointer<Int32>?
        var count: Int
    }

    private let weights: PackedWeights
    private let columns: Int
    private let bfloat16: bf16_kernels?
    private let functions: UnsafePointer<f32_igemm_function>
    private var float32: f32_igemm
    private var rounded: bf16_product
    private var packing: bf16_rows
    private let formats: NumberFormats
    private let readsBehind: Bool

    /// Rows of bfloat16 so far apart, in bytes, lie in the same lines of an L1 cache, which has fewer of them than a tile has rows.
    private static let cacheStride = 4096

    /// The floats of memory that a tile needs for itself.
    static func scratchCount(_ weights: PackedWeights, kernels: KernelTable) -> Int {
        weights.precision == .float32 ? 0 : kernels.functions.tile_rows * rowStride(weights) / 2
    }

    /// - Parameters:
    ///   - zeros: as many as the weights have channels.
    ///   - outputStride: from one row of the output to the next, in numbers.
    ///   - formats: other than floats only where the weights are bfloat16.
    ///   - readsBehind: whether there is a number behind each tap of bfloat16, which is read with the last one where their number is
    ///     odd, and multiplied by zero.
    ///   - scratch: ``scratchCount(_:kernels:)`` floats; what they were is lost.
    init(
        _ weights: PackedWeights, zeros: AlignedFloats, outputStride: Int, activation: Activation,
        formats: NumberFormats = NumberFormats(), readsBehind: Bool = false, kernels: KernelTable,
        scratch: UnsafeMutablePointer<Float>
    ) {
        self.formats = formats
        self.readsBehind = readsBehind || weights.channels.isMultiple(of: 2)
        let bounds = activation.bounds
        self.weights = weights
        columns = kernels.functions.tile_columns
        functions = kernels.functions.igemm
        bfloat16 = weights.precision == .bfloat16 ? kernels.bfloat16 : nil
        // Where rows begin is told with the rows.
        let (some, target) = (zeros.pointer, scratch)
        float32 = f32_igemm(
            input: some, offsets: nil, input_stride: weights.channels, zeros: zeros.pointer, taps: weights.taps,
            channels: weights.channels, weights: weights.weights.pointer, bias: weights.bias.pointer, residual: nil,
            output: target, output_stride: outputStride, columns: columns, lower: bounds.lower, upper: bounds.upper,
            ahead: nil, ahead_step: 0)
        let packed = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt16.self)
        packing = bf16_rows(
            input: some, rounded: formats.input == .bfloat16, offsets: nil, input_stride: weights.channels,
            taps: weights.taps, channels: weights.channels, rows: 0, packed: packed,
            packed_stride: Self.rowStride(weights))
        rounded = bf16_product(
            input: packed, offsets: nil, input_stride: weights.channels,
            zeros: UnsafeRawPointer(some).assumingMemoryBound(to: UInt16.self), taps: weights.taps,
            pairs: weights.pairs,
            weights: UnsafeRawPointer(weights.weights.pointer).assumingMemoryBound(to: UInt16.self),
            bias: weights.bias.pointer, residual: nil, rounded_residual: nil, output: target,
            rounded: formats.output == .bfloat16, output_stride: outputStride, columns: columns, lower: bounds.lower,
            upper: bounds.upper)
    }

    /// Writes the columns of `panels` to rows of output.
    ///
    /// - Parameter ahead: what is read next, asked for meanwhile in float32.
    mutating func multiply(
        _ rows: Rows, panels: Range<Int>, residual: UnsafeRawPointer?, output: UnsafeMutableRawPointer,
        ahead: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) {
        if let bfloat16 {
            read(rows, bfloat16)
            let function = bfloat16.product[rows.count - 1]
            for panel in panels {
                let column = panel * columns
                rounded.weights = UnsafeRawPointer(weights.weights.pointer + panel * weights.panelCount)
                    .assumingMemoryBound(to: UInt16.self)
                rounded.bias = weights.bias.pointer + column
                rounded.columns = min(columns, weights.outputs - column)
                if formats.residual == .bfloat16 {
                    rounded.rounded_residual = residual.map { $0.assumingMemoryBound(to: UInt16.self) + column }
                } else {
                    rounded.residual = residual.map { $0.assumingMemoryBound(to: Float.self) + column }
                }
                rounded.output = output + column * formats.output.size
                function(&rounded)
            }
            return
        }
        let output = output.assumingMemoryBound(to: Float.self)
        let residual = residual?.assumingMemoryBound(to: Float.self)
        (float32.input, float32.offsets) = (rows.input.assumingMemoryBound(to: Float.self), rows.offsets)
        let function = functions[rows.count - 1]
        let steps = weights.taps * weights.channels
        float32.ahead_step = divideUp(ahead.count, max(1, panels.count * steps))
        for panel in panels {
            float32.ahead = ahead.baseAddress.map { $0 + (panel - panels.lowerBound) * steps * float32.ahead_step }
            let column = panel * columns
            float32.weights = weights.weights.pointer + panel * weights.panelCount
            float32.bias = weights.bias.pointer + column
            float32.columns = min(columns, weights.outputs - column)
            float32.residual = residual.map { $0 + column }
            float32.output = output + column
            function(&float32)
        }
    }

    /// Where they lie if they are bfloat16; else a copy of them that is.
    private mutating func read(_ rows: Rows, _ bfloat16: bf16_kernels) {
        let step = rows.count == 1 ? 0 : rows.offsets.map { Int($0[1]) - Int($0[0]) } ?? weights.channels
        let pushOut = step != 0 && (step * formats.input.size).isMultiple(of: Self.cacheStride)
        guard formats.input == .float32 || pushOut || !readsBehind else {
            rounded.input = rows.input.assumingMemoryBound(to: UInt16.self)
            (rounded.input_stride, rounded.offsets) = (weights.channels, rows.offsets)
            (rounded.taps, rounded.pairs) = (weights.taps, weights.pairs)
            return
        }
        (packing.input, packing.offsets, packing.rows) = (rows.input, rows.offsets, rows.count)
        bfloat16.pack_rows(&packing)
        rounded.input = UnsafePointer(packing.packed)
        (rounded.input_stride, rounded.offsets) = (packing.packed_stride, nil)
        (rounded.taps, rounded.pairs) = (1, weights.taps * weights.pairs)
    }

    /// From one packed row to the next, in numbers: a cache line more than they are, lest rows push each other out of the cache.
    private static func rowStride(_ weights: PackedWeights) -> Int {
        (weights.taps * weights.pairs * 2 + 31) / 32 * 32 + 32
    }
}
