import Testing

@testable import Inference
@testable import Service

struct TimingTests {
    /// Milliseconds. The last four are of a request that sent the same image as one before it, which was being prepared,
    /// waiting, or being computed.
    @Test(arguments: [
        (prepared: 2, computed: 5, total: 8, expected: [2, 1, 5]),
        (2, 5, 7, [2, 0, 5]),
        (0, 0, 3, [0, 3, 0]),
        (4, 5, 8, [3, 0, 5]),
        (4, 5, 6, [1, 0, 5]),
        (2, 5, 5, [0, 0, 5]),
        (2, 5, 1, [0, 0, 1]),
    ])
    func `The parts of a request's time add up to its total and none is negative`(
        _ prepared: Int, _ computed: Int, _ total: Int, _ expected: [Int]
    ) {
        let timing = Timing(
            InferenceResult(
                images: [], prepared: .milliseconds(prepared), computed: .milliseconds(computed),
                total: .milliseconds(total)))
        #expect([timing.decode, timing.queue, timing.compute] == expected.map { .milliseconds($0) })
        #expect(timing.total == .milliseconds(total))
    }
}
