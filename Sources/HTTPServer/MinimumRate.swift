/// Decides how long to wait for a peer that must not pause longer than a time-out, and must on average move a least
/// number of bytes a second: a peer that moves one now and then never pauses for long and would be waited for for ever.
struct MinimumRate {
    private let bytesPerSecond: Int
    private let timeout: Duration
    private var moved = 0
    private var lastMove: ContinuousClock.Instant
    /// Up to when the bytes so far pay at the least rate. Never further ahead than the time-out: what came fast at first
    /// must not buy hours.
    private var paidUntil: ContinuousClock.Instant

    init(_ bytesPerSecond: Int, timeout: Duration, from start: ContinuousClock.Instant) {
        self.bytesPerSecond = max(1, bytesPerSecond)
        self.timeout = timeout
        (lastMove, paidUntil) = (start, start)
    }

    /// Notes that `total` bytes have moved by now, and returns until when to wait for more.
    mutating func deadline(afterMoving total: Int, at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        if total > moved {
            let paid = Duration.seconds(Double(total - moved) / Double(bytesPerSecond))
            paidUntil = min(paidUntil + paid, now + timeout)
            lastMove = now
            moved = total
        }
        return min(lastMove, paidUntil) + timeout
    }
}
