import Testing

@testable import HTTPServer

struct MinimumRateTests {
    private let start = ContinuousClock.now

    /// Until when one waits, in seconds from the start, after each of `moves` (the second, all bytes by then), at
    /// 100 bytes a second with pauses of at most 30 seconds.
    private func deadlines(_ moves: [(second: Double, total: Int)]) -> [Double] {
        var rate = MinimumRate(100, timeout: .seconds(30), from: start)
        return moves.map { move in
            (rate.deadline(afterMoving: move.total, at: start + .seconds(move.second)) - start) / .seconds(1)
        }
    }

    @Test func `Nothing is waited for as long as the time-out`() {
        #expect(deadlines([(0, 0), (10, 0), (29, 0)]) == [30, 30, 30])
    }

    @Test func `A peer that keeps to the rate is waited for from its last byte on`() {
        #expect(deadlines([(10, 1000), (20, 2000), (100, 10_000)]) == [40, 50, 130])
    }

    @Test func `A peer that moves one byte now and then is not`() {
        #expect(deadlines([(10, 1), (20, 2), (30, 3)]) == [30.01, 30.02, 30.03])
    }

    @Test func `What came fast earns the time-out once more, not hours`() {
        #expect(deadlines([(0, 10_000_000), (25, 10_000_001), (50, 10_000_002)]) == [30, 55, 60.02])
    }
}
