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
    private let runs: Int

    /// The sum of `count` numbers over `blocks` blocks. At most 16 runs, and no more than 64 MB of them.
    init(blocks: Int, count: Int) {
        self.blocks = blocks
        self.count = count
        runs = max(1, min(blocks, 16, (1 << 23) / max(count, 1)))
        memory = .allocate(capacity: runs * count)
        memory.initialize(repeating: 0)
    }

    /// One sum, at once.
    convenience init(
        blocks: Int, count: Int, pool: ComputePool?,
        add: (_ block: Int, _ sum: UnsafeMutablePointer<Double>) -> Void
    ) {
        self.init(blocks: blocks, count: count)
        run(pool: pool, add: add)
    }

    deinit { memory.deallocate() }

    /// Calls `add` once for each block, on several threads at a time, with the numbers to add to.
    func run(pool: ComputePool?, add: (_ block: Int, _ sum: UnsafeMutablePointer<Double>) -> Void) {
        guard let start = memory.baseAddress else { return }
        nonisolated(unsafe) let sums = start
        let (blocks, runs, count) = (blocks, runs, count)
        ComputePool.run(on: pool, runs) { run, _ in
            let sum = sums + run * count
            sum.update(repeating: 0, count: count)
            for block in run * blocks / runs..<(run + 1) * blocks / runs { add(block, sum) }
        }
        for run in 1..<max(runs, 1) {
            let part = sums + run * count
            for index in 0..<count { sums[index] += part[index] }
        }
    }

    /// The last sum.
    var total: UnsafeBufferPointer<Double> { UnsafeBufferPointer(rebasing: memory[..<count]) }
}
