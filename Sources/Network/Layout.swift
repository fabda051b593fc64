import Synchronization

/// Where the values of a plan lie while certain ones of them are wanted at the end, and the memory for it.
final class Layout: Sendable {
    /// Where a value lies.
    enum Location: Sendable {
        /// In the caller's memory, one image after another.
        case input
        /// In each thread's arena, at an offset: the value of the image that the thread works on.
        case arena(Int)
        /// For the whole batch of `n`, from `n` times this offset on, one image after another.
        case kept(Int)
    }

    /// The most floats that the memory of one run may hold, 4 GiB; a run that needs more is refused before anything is
    /// allocated. VGG-16 needs 26 MB for each thread.
    static let largestWorkspace = 1 << 30
    /// The most kept floats that stay allocated between runs, 64 MiB: a rare large batch does not hold memory forever.
    static let largestIdle = 1 << 24

    /// The most workspaces that stay allocated between runs.
    static let idleWorkspaces = 2

    /// What a step asks of the memory.
    struct Step: Sendable {
        /// The values that it reads.
        var inputs: [Int]
        /// The floats that it needs for itself.
        var scratch = 0
        /// Whether it is left out unless its value is wanted.
        var isOptional = false
    }

    let locations: [Location]
    /// Whether each step runs.
    let runs: [Bool]
    /// For each step, where in each thread's arena its scratch memory lies.
    let scratchOffsets: [Int]
    /// The kept floats of one image.
    let keptCount: Int
    private let arenaCount: Int
    private let threads: Int
    private let idle = Mutex<[Workspace]>([])

    /// - Parameters:
    ///   - counts: the size of each value, in floats; value 0 is the input, value `i + 1` the output of step `i`.
    ///   - steps: in the order they run.
    ///   - wholeBatchStart: the first step that runs once for the whole batch.
    ///   - wanted: the values that are read when all steps have run.
    init(
        counts: [Int], steps: [Step], wholeBatchStart: Int, wanted: Set<Int>, threads: Int
    ) {
        let runs = steps.enumerated().map { !$1.isOptional || wanted.contains($0 + 1) }
        let lastReaders = steps.enumerated().reduce(into: [Int: Int]()) { last, step in
            for value in step.element.inputs { last[value] = step.offset }
        }
        var locations = [Location](repeating: .input, count: counts.count)
        var (local, keptCount) = ([Int](), 0)
        for value in counts.indices.dropFirst() where runs[value - 1] {
            let (made, read) = (value - 1, lastReaders[value] ?? value - 1)
            if wanted.contains(value) || made >= wholeBatchStart || read >= wholeBatchStart {
                locations[value] = .kept(keptCount)
                keptCount += MemoryPlan.aligned(counts[value])
            } else {
                local.append(value)
            }
        }
        let values = local.map { MemoryPlan.Value(count: counts[$0], first: $0 - 1, last: lastReaders[$0] ?? $0 - 1) }
        let plan = MemoryPlan(
            values
                + steps.indices.map {
                    MemoryPlan.Value(count: runs[$0] ? steps[$0].scratch : 0, first: $0, last: $0)
                })
        scratchOffsets = Array(plan.offsets.dropFirst(local.count))
        for (value, offset) in zip(local, plan.offsets) { locations[value] = .arena(offset) }
        self.locations = locations
        self.runs = runs
        self.keptCount = keptCount
        arenaCount = plan.count
        self.threads = threads
    }

    /// Whether a run of `images` images stays within ``largestWorkspace``.
    func fits(images: Int) -> Bool {
        let (arenas, arenasOverflow) = arenaCount.multipliedReportingOverflow(by: threads)
        let (kept, keptOverflow) = keptCount.multipliedReportingOverflow(by: images)
        return !arenasOverflow && !keptOverflow && arenas <= Self.largestWorkspace
            && kept <= Self.largestWorkspace - arenas
    }

    /// The floats that a run of `images` images, which must fit, takes.
    func count(images: Int) -> Int { arenaCount * threads + keptCount * images }

    /// Lends memory for a run of `images` images, which must fit. As many workspaces stay allocated as ran at
    /// the same time, at most ``idleWorkspaces``.
    func withWorkspace<R>(images: Int, _ body: (Workspace) -> R) -> R {
        let workspace = idle.withLock { $0.popLast() } ?? Workspace(arenaCount: arenaCount, threads: threads)
        workspace.reserveKept(images * keptCount)
        defer {
            workspace.releaseKept(above: Self.largestIdle)
            idle.withLock { if $0.count < Self.idleWorkspaces { $0.append(workspace) } }
        }
        return body(workspace)
    }
}
