import Dispatch

/// A timer that rings at the earliest of the instants it was set to, once, however many they are.
///
/// `@unchecked Sendable`: the timer is only touched with the lock held, its handler set before it is resumed.
final class Alarm: @unchecked Sendable {
    private let timer: any DispatchSourceTimer
    private let next = Locked<ContinuousClock.Instant?>(nil)

    init(label: String) {
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: label, qos: .userInitiated))
    }

    /// Calls `ring` on the alarm's own queue whenever it rings. Call once.
    func start(_ ring: @escaping @Sendable () -> Void) {
        timer.setEventHandler { [weak self] in
            self?.next.withLock { $0 = nil }
            ring()
        }
        timer.resume()
    }

    /// Has it ring at `instant` unless it rings earlier anyway.
    func set(at instant: ContinuousClock.Instant) {
        next.withLock { next in
            if let next, next <= instant { return }
            next = instant
            let wait = max(Duration.zero, instant - .now) / .microseconds(1)
            timer.schedule(deadline: .now() + .microseconds(Int(min(wait, 1e12))), leeway: .nanoseconds(0))
        }
    }

    deinit { timer.cancel() }
}
