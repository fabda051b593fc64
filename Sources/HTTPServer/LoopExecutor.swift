import Dispatch

/// Runs a connection's handler on its loop's queue: the request needs no other thread before it waits for something,
/// and none between what it waited for and the answer.
final class LoopExecutor: TaskExecutor {
    private let queue: DispatchQueue

    init(queue: DispatchQueue) { self.queue = queue }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
