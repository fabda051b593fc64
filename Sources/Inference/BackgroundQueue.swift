import Dispatch
import Foundation

/// Where models are loaded and heads are trained beside serving: one job after another, each behind all other threads in the
/// scheduler's eyes.
public final class BackgroundQueue: Sendable {
    /// At this niceness a thread gets about a tenth of what one at 0 gets when both want a core. With `SCHED_IDLE` it would get
    /// nothing worth mentioning where other programs keep the machine busy: a job of a second took minutes.
    private static let niceness: Int32 = 10

    private let name: String
    private let queue: DispatchQueue

    /// - Parameter name: of its threads; 15 characters are shown.
    public init(name: String) {
        self.name = name
        queue = DispatchQueue(label: name, qos: .utility)
    }

    /// Runs `job` after those before it. The queue's thread stays as it is: it waits for one of the job's own, since a
    /// thread without privileges that has made itself nicer cannot go back.
    public func perform(_ job: @escaping @Sendable () -> Void) {
        queue.async {
            let done = DispatchSemaphore(value: 0)
            let thread = Thread {
                // On Linux 0 means the calling thread, not the process.
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
                job()
                done.signal()
            }
            thread.name = self.name
            thread.stackSize = 4 << 20
            thread.start()
            done.wait()
        }
    }

    /// Runs a short `job` later, on the queue's own thread.
    func perform(after delay: Duration, _ job: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + .milliseconds(Int(delay / .milliseconds(1))), execute: job)
    }

    /// Runs `job` and waits for it without blocking a thread of Swift's.
    public func run<R: Sendable>(_ job: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { continuation in perform { continuation.resume(returning: job()) } }
    }
}
