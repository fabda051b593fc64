import Synchronization

/// A bucket of `burst` tokens that fills at a rate, as the generic cell rate algorithm keeps it (ITU-T I.371, annex A): all
/// there is to remember is the moment at which the bucket will be full again.
final class TokenBucket: Sendable {
    /// When it is full, in nanoseconds of the monotonic clock.
    private let full = Atomic<Int64>(.min)

    /// Takes a token.
    ///
    /// - Returns: zero, or how long it takes until there is one.
    func take(_ terms: BucketTerms, now: MonotonicTime) -> Int64 {
        var before = full.load(ordering: .relaxed)
        while true {
            var after = before
            let wait = terms.take(&after, now: now)
            guard wait == 0 else { return wait }
            let (exchanged, original) = full.compareExchange(expected: before, desired: after, ordering: .relaxed)
            if exchanged { return 0 }
            before = original
        }
    }
}

/// How fast a bucket fills, and how much it holds.
struct BucketTerms: Equatable {
    /// Nanoseconds for a token.
    let interval: Int64
    let burst: Int64

    /// - Parameter burst: `nil` for as many as the rate counts.
    init(_ rate: Rate, burst: Int? = nil) {
        interval = max(1, rate.period.nanoseconds / Int64(rate.count))
        self.burst = Int64(burst ?? rate.count)
    }

    /// Takes a token of a bucket that is full again at `full`.
    ///
    /// - Returns: zero, or the nanoseconds until there is one; then none is taken.
    func take(_ full: inout Int64, now: MonotonicTime) -> Int64 {
        let after = max(full, now.nanoseconds) + interval
        let wait = after - (now.nanoseconds + burst * interval)
        guard wait <= 0 else { return wait }
        full = after
        return 0
    }
}

/// Nanoseconds of a clock that is never set back.
struct MonotonicTime {
    let nanoseconds: Int64

    private static let start = ContinuousClock.now

    static var now: MonotonicTime {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return MonotonicTime(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
