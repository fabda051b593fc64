import Synchronization

/// A request's place in the queue, resolved exactly once: by the engine, or by its own cancellation while it waits.
final class InferenceTicket: Sendable {
    private enum Phase {
        case new
        case waiting(CheckedContinuation<InferenceQueue.Result, any Error>)
        case cancelled
        case taken
    }

    /// How many images the queue is charged for.
    let images: Int
    let enqueued = ContinuousClock.now
    private let compute: @Sendable () throws -> [[Float]]
    private let phase = Mutex(Phase.new)

    init(images: Int, compute: @escaping @Sendable () throws -> [[Float]]) {
        self.images = images
        self.compute = compute
    }

    /// Holds on to the waiting caller; `false` where the ticket was cancelled before it got here.
    func wait(with continuation: CheckedContinuation<InferenceQueue.Result, any Error>) -> Bool {
        phase.withLock { phase in
            guard case .new = phase else { return false }
            phase = .waiting(continuation)
            return true
        }
    }

    /// Computes the result and hands it to the waiting caller; nothing where the ticket was cancelled.
    func run() {
        guard let continuation = take(leaving: .taken) else { return }
        let start = ContinuousClock.now
        do {
            let values = try compute()
            continuation.resume(
                returning: InferenceQueue.Result(
                    values: values, queued: start - enqueued, computed: ContinuousClock.now - start))
        } catch {
            continuation.resume(throwing: error)
        }
    }

    /// Wakes the waiting caller with `error`; without effect once the computation has begun.
    func cancel(with error: any Error) {
        take(leaving: .cancelled)?.resume(throwing: error)
    }

    private func take(leaving next: Phase) -> CheckedContinuation<InferenceQueue.Result, any Error>? {
        phase.withLock { phase in
            switch phase {
            case .waiting(let continuation):
                phase = next
                return continuation
            case .new:
                phase = next
                return nil
            case .cancelled, .taken:
                return nil
            }
        }
    }
}
