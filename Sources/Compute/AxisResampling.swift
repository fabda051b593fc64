/// The inputs along an axis that one position of the output reads, and their weights.
public struct ResamplingTaps: Sendable, Equatable {
    public var indices: [Int]
    public var weights: [Float]

    public init(indices: [Int], weights: [Float]) {
        self.indices = indices
        self.weights = weights
    }
}

/// Each position along an axis is a weighted sum of the input's along it; axis by axis, so that the order of axes does not
/// matter but for rounding. Linear and cubic resizing are of this form (Keys 1981).
public struct AxisResampling: Sendable {
    /// One axis of an array of which the others stay as they are.
    private struct Pass: Sendable {
        let taps: [ResamplingTaps]
        /// Blocks, each of `extent` (in the output `taps.count`) runs of `inner` elements.
        let blocks: Int
        let extent: Int
        let inner: Int

        func run(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>) {
            for block in 0..<blocks {
                let from = input + block * extent * inner
                for (position, taps) in taps.enumerated() {
                    let to = output + (block * self.taps.count + position) * inner
                    to.update(repeating: 0, count: inner)
                    for (index, weight) in zip(taps.indices, taps.weights) {
                        let source = from + index * inner
                        for element in 0..<inner { to[element] += weight * source[element] }
                    }
                }
            }
        }
    }

    private let passes: [Pass]
    private let inputCount: Int
    private let outputCount: Int
    /// Of the largest array between two passes.
    private let between: Int

    /// - Parameters:
    ///   - axes: the taps of each position of the output; `nil` leaves an axis as it is.
    ///   - shape: of one image.
    public init(_ axes: [[ResamplingTaps]?], shape: [Int]) {
        var (passes, extents, between) = ([Pass](), shape, 0)
        let memory = MemoryOrder.axes(of: shape)
        for (place, axis) in memory.enumerated() {
            guard let taps = axes[axis] else { continue }
            let outer = memory[..<place].reduce(1) { $0 * extents[$1] }
            let inner = memory[(place + 1)...].reduce(1) { $0 * extents[$1] }
            passes.append(Pass(taps: taps, blocks: outer, extent: extents[axis], inner: inner))
            extents[axis] = taps.count
            between = max(between, extents.reduce(1, *))
        }
        self.passes = passes
        self.between = passes.count > 1 ? between : 0
        inputCount = shape.reduce(1, *)
        outputCount = extents.reduce(1, *)
    }

    /// Reads `images` times the input and writes as often the output, not in place.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        RowSplit(images: images, rows: 1, workPerImage: 4 * outputCount, pool: pool).run { image, _ in
            let (input, output) = (input + image * inputCount, output + image * outputCount)
            guard let last = passes.last else {
                output.update(from: input, count: outputCount)
                return
            }
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * between) { buffer in
                var source = input
                for (index, pass) in passes.dropLast().enumerated() {
                    guard let start = buffer.baseAddress else { return }
                    let target = start + index % 2 * between
                    pass.run(source, target)
                    source = UnsafePointer(target)
                }
                last.run(source, output)
            }
        }
    }
}
