import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(1))) struct AlarmTests {
    @Test func itRingsOnceAtTheEarliestInstant() async throws {
        let (alarm, rings) = (Alarm(label: "test"), Locked<[ContinuousClock.Instant]>([]))
        alarm.start { rings.withLock { $0.append(.now) } }
        let start = ContinuousClock.now
        for wait in [60.0, 0.05, 0.02, 30, 0.04] { alarm.set(at: start + .seconds(wait)) }
        try await Task.sleep(for: .milliseconds(200))
        let found = rings.withLock { $0 }
        #expect(found.count == 1 && found[0] - start >= .milliseconds(20))
        alarm.set(at: .now - .seconds(1))
        await until { rings.withLock { $0.count == 2 } }
    }
}
