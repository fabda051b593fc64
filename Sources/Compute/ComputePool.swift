import Synchronization

/// Persistent threads that share the tasks of parallel sections, one after another. The calling thread works too.
///
/// Between sections the threads spin for some microseconds, since a network's next layer comes soon, then sleep.
public final class ComputePool: Sendable {
    /// The process's pool, with a thread for each core that the process may use.
    public static let shared = ComputePool(threads: AvailableCores.count)

    /// The threads that work on a section, the caller's among them.
    public let threads: Int
    private let team: Team
    private let workers: [WorkerThread]

    /// Starts `threads − 1` threads, fewer where the system refuses one.
    public init(threads: Int) {
        let team = Team()
        var workers: [WorkerThread] = []
        for worker in 1..<min(max(threads, 1), 1 << 12) {
            guard let thread = WorkerThread({ team.work(as: worker) }) else { break }
            workers.append(thread)
        }
        self.team = team
        self.workers = workers
        self.threads = workers.count + 1
    }

    deinit {
        team.stop()
        for worker in workers { worker.join() }
    }

    /// Runs `body` once for each task in `0..<count`, on several threads at a time, and returns when all are done.
    ///
    /// `worker` in `0..<threads` names the thread, for memory that tasks of this section must not share. Where several
    /// threads call, one's section begins when all tasks of the other's have begun; a pool of one thread has nothing to
    /// wait for, and callers run side by side.
    /// A task must not start a section on its own pool: that is a programming error and traps.
    ///
    /// - Parameter allBegun: called once, on one of the threads, when no task waits for a thread any more: another section
    ///   would begin at once.
    public func parallelFor(
        _ count: Int, allBegun: () -> Void = {}, _ body: (_ task: Int, _ worker: Int) -> Void
    ) {
        guard threads > 1 else {
            for task in 0..<count { body(task, 0) }
            return allBegun()
        }
        team.run(count, allBegun: allBegun, body)
    }

    /// ``parallelFor(_:_:)`` on `pool`, or on the calling thread alone.
    public static func run(on pool: ComputePool?, _ count: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
        if let pool, count > 1 {
            pool.parallelFor(count, body)
        } else {
            for task in 0..<count { body(task, 0) }
        }
    }
}
