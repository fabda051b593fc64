import Compute

/// Sums over the blocks of a matrix, in double precision and always in the same order: runs of blocks, whose number depends
/// on the sizes alone, are summed one block after another, then the runs' sums in order.
///
/// Keeps its memory for the next sum.
final class BlockSum: @unchecked Sendable {
    /// Sendable: between calls nobody writes it, and during one each run writes its own part.
    private let memory: UnsafeMutableBufferPointer<Double>
    private let blocks: Int
    private let count: Int
    private let floats: Int
    private let runs: Int

    /// Blocks that are summed in single precision before they are added to the sum: a conversion costs as much as the
    /// products of some rows, and a few hundred rows lose nothing.
    private static let stretch = 8

    /// The sum of `count` numbers over `blocks` blocks, the first `floats` of them given in single precision.
    /// At most 16 runs, and no more than 64 MB of them; of few blocks fewer, since a run's sum costs as much as some blocks'.
    init(blocks: Int, count: Int, floats: Int = 0) {
        self.blocks = blocks
        self.count = count
        self.floats = floats
        runs = max(1, min((blocks + 3) / 4, 16, (1 << 23) / max(count, 1)))
        memory = .allocate(capacity: runs * count)
        memory.initialize(repeating: 0)
    }

    deinit { memory.deallocate() }

    /// Calls `add` once for each block, on several threads at a time, with the numbers to add to: `floats`, and all of `sum`.
    func run(
        pool: ComputePool?,
        add: (_ block: Int, _ floats: UnsafeMutablePointer<Float>, _ sum: UnsafeMutablePointer<Double>) -> Void
    ) {
        guard let start = memory.baseAddress else { return }
        nonisolated(unsafe) let sums = start
        let (blocks, runs, count, floats) = (blocks, runs, count, floats)
        ComputePool.run(on: pool, runs) { run, _ in
            let sum = sums + run * count
            sum.update(repeating: 0, count: count)
            let part = UnsafeMutablePointer<Float>.allocate(capacity: floats)
            defer { part.deallocate() }
            let range = run * blocks / runs..<(run + 1) * blocks / runs
            for first in stride(from: range.lowerBound, to: range.upperBound, by: Self.stretch) {
                part.initialize(repeating: 0, count: floats)
                for block in first..<min(first + Self.stretch, range.upperBound) { add(block, part, sum) }
                for index in 0..<floats { sum[index] += Double(part[index]) }
            }
        }
        for run in 1..<max(runs, 1) {
            let part = sums + run * count
            for index in 0..<count { sums[index] += part[index] }
        }
    }

    /// The last sum.
    var total: UnsafeBufferPointer<Double> { UnsafeBufferPointer(rebasing: memory[..<count]) }
}
