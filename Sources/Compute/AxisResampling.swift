/// The inputs along an axis that one position of the output reads, and their weights.
public struct ResamplingTaps: Sendable, Equatable {
    public var indices: [Int]
    public var weights: [Float]

    public init(indices: [Int], weights: [Float]) {
        self.indices = indices
        self.weights = weights
    }
}

/// Each position along one axis is a weighted sum of the input's along it. Linear and cubic resizing are of this form, one axis
/// after another (Keys 1981).
public struct AxisResampling: Sendable {
    private let taps: [ResamplingTaps]
    /// Blocks, each of `extent` (in the output `taps.count`) runs of `inner` elements.
    private let blocks: Int
    private let extent: Int
    private let inner: Int

    /// - Parameters:
    ///   - axis: of `shape`; the others stay as they are.
    ///   - taps: of each position of the output.
    ///   - shape: of one image.
    public init(axis: Int, taps: [ResamplingTaps], shape: [Int]) {
        let memory = MemoryOrder.axes(of: shape)
        let place = memory.firstIndex(of: axis) ?? 0
        self.taps = taps
        blocks = memory[..<place].reduce(1) { $0 * shape[$1] }
        extent = shape[axis]
        inner = memory[(place + 1)...].reduce(1) { $0 * shape[$1] }
    }

    /// Reads `images` times the input and writes as often the output, not in place.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let count = taps.count
        let work = 4 * blocks * count * inner
        RowSplit(images: images, rows: blocks * count, workPerImage: work, pool: pool).run { image, rows in
            for row in rows {
                let (block, position) = row.quotientAndRemainder(dividingBy: count)
                let from = input + (image * blocks + block) * extent * inner
                let to = output + (image * blocks * count + row) * inner
                to.update(repeating: 0, count: inner)
                for (index, weight) in zip(taps[position].indices, taps[position].weights) {
                    let source = from + index * inner
                    for element in 0..<inner { to[element] += weight * source[element] }
                }
            }
        }
    }
}
