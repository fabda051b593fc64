import Dispatch
import Foundation

/// Where models are loaded and heads are trained beside serving: one job after another, each behind all other threads in the
/// scheduler's eyes.
public final class BackgroundQueue: Sendable {
    /// At this niceness a thread gets about a tenth of what one at 0 gets when both want a core.
    private static let niceness: Int32 = 10

    /// `SCHED_IDLE` of Linux' sched.h, which Swift does not import.
    private static let idlePolicy: Int32 = 5

    private let name: String
    private let takesIdleTimeOnly: Bool
    private let queue: DispatchQueue

    /// - Parameters:
    ///   - name: of its threads; 15 characters are shown.
    ///   - takesIdleTimeOnly: its threads leave a core at once to any other that wants it, as Linux has it for `SCHED_IDLE`
    ///     (sched(7)). What is merely nicer than others is left to run to the end of its slice, for which a network's other
    ///     threads wait.
    public init(name: String, takesIdleTimeOnly: Bool = false) {
        self.name = name
        self.takesIdleTimeOnly = takesIdleTimeOnly
        queue = DispatchQueue(label: name, qos: .utility)
    }

    /// Runs `job` after those before it. The queue's thread stays as it is: it waits for one of the job's own, since a
    /// thread without privileges that has made itself nicer cannot go back.
    public func perform(_ job: @escaping @Sendable () -> Void) {
        queue.async {
            let done = DispatchSemaphore(value: 0)
            let thread = Thread {
                // On Linux 0 means the calling thread, not the process.
                if self.takesIdleTimeOnly {
                    var parameter = sched_param()
                    sched_setscheduler(0, Self.idlePolicy, &parameter)
                } else {
                    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
                }
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
