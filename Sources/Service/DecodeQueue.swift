import Dispatch
import Synchronization

/// Where images are decoded: serial queues, one per core, used in turn. Blocking work never runs in an `async`
/// function, because Swift's cooperative threads are as few as the cores and every one that blocks is missed.
final class DecodeQueue: Sendable {
    private let queues: [DispatchQueue]
    private let turn = Atomic(0)

    /// How many images are decoded at a time.
    var width: Int { queues.count }

    init(width: Int) {
        queues = (0..<max(1, width)).map { DispatchQueue(label: "martlet.decode.\($0)", qos: .userInitiated) }
    }

    /// Runs `work` and waits for its result without blocking a thread.
    func run<R: Sendable>(_ work: @escaping @Sendable () -> R) async -> R {
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        let queue = queues[Int(UInt(bitPattern: turn) % UInt(queues.count))]
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}
