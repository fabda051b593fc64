import Dispatch
import Synchronization
import Testing

@testable import Inference

/// Keeps the engine busy until released.
private final class Gate: Sendable {
    private let entered = DispatchSemaphore(value: 0)
    private let released = DispatchSemaphore(value: 0)

    /// Runs on the engine thread.
    func pass() {
        entered.signal()
        released.wait()
    }

    func release() { released.signal() }

    /// Waits until the engine stands at the gate; on a thread that may block.
    func waitUntilEntered() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                entered.wait()
                continuation.resume()
            }
        }
    }
}

private final class Record: Sendable {
    private let entries = Mutex<[Int]>([])
    func append(_ entry: Int) { entries.withLock { $0.append(entry) } }
    var all: [Int] { entries.withLock { $0 } }
}

@Suite(.timeLimit(.minutes(1)))
struct InferenceQueueTests {
    @Test func resultsComeBackToTheirOwnCallers() async throws {
        let queue = InferenceQueue(capacity: 1000)
        defer { queue.stop() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let result = try await queue.run(images: 1) { [[Float(number)]] }
                    #expect(result.values == [[Float(number)]])
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func anErrorReachesOnlyTheRequestThatCausedIt() async throws {
        struct Broken: Error {}
        let queue = InferenceQueue(capacity: 10)
        defer { queue.stop() }
        await #expect(throws: Broken.self) { try await queue.run(images: 1) { throw Broken() } }
        #expect(try await queue.run(images: 1) { [[2]] }.values == [[2]])
    }

    @Test func aFullQueueRefusesAtOnceAndNamesItsSize() async throws {
        let (queue, gate) = (InferenceQueue(capacity: 3), Gate())
        defer { queue.stop() }
        async let running = queue.run(images: 1) {
            gate.pass(); return []
        }
        await gate.waitUntilEntered()
        async let waiting = queue.run(images: 3) { [[1]] }
        while queue.waitingImages < 3 { await Task.yield() }
        do {
            _ = try await queue.run(images: 1) { [] }
            Issue.record("a fourth image was accepted into a queue of three")
        } catch InferenceError.overloaded(let waiting, let capacity) {
            #expect(waiting == 3 && capacity == 3)
        }
        gate.release()
        _ = try await running
        #expect(try await waiting.values == [[1]])
    }

    @Test func aRequestOfMoreImagesThanTheCapacityRunsWhenNothingWaits() async throws {
        let queue = InferenceQueue(capacity: 2)
        defer { queue.stop() }
        #expect(try await queue.run(images: 5) { [[5]] }.values == [[5]])
    }

    @Test func aCancelledRequestLeavesTheQueueWithoutBeingComputed() async throws {
        let (queue, gate, record) = (InferenceQueue(capacity: 10), Gate(), Record())
        defer { queue.stop() }
        async let running = queue.run(images: 1) {
            gate.pass(); return []
        }
        await gate.waitUntilEntered()
        let cancelled = Task {
            try await queue.run(images: 4) {
                record.append(1); return []
            }
        }
        while queue.waitingImages < 4 { await Task.yield() }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(queue.waitingImages == 0, "its images still count against the capacity")
        gate.release()
        _ = try await running
        _ = try await queue.run(images: 1) {
            record.append(2); return []
        }
        #expect(record.all == [2])
    }

    @Test func requestsRunInTheOrderOfTheirArrival() async throws {
        let (queue, gate, record) = (InferenceQueue(capacity: 100), Gate(), Record())
        defer { queue.stop() }
        async let running = queue.run(images: 1) {
            gate.pass(); return []
        }
        await gate.waitUntilEntered()
        var waiting: [Task<InferenceQueue.Result, any Error>] = []
        for number in 0..<20 {
            waiting.append(
                Task {
                    try await queue.run(images: 1) {
                        record.append(number); return []
                    }
                })
            while queue.waitingImages <= number { await Task.yield() }
        }
        gate.release()
        _ = try await running
        for task in waiting { _ = try await task.value }
        #expect(record.all == Array(0..<20))
    }

    @Test func stoppingRefusesWhatWaitsAndWhatComes() async throws {
        let (queue, gate) = (InferenceQueue(capacity: 10), Gate())
        async let running = queue.run(images: 1) {
            gate.pass(); return [[7]]
        }
        await gate.waitUntilEntered()
        let waiting = Task { try await queue.run(images: 1) { [] } }
        while queue.waitingImages < 1 { await Task.yield() }
        queue.stop()
        await #expect(throws: InferenceError.self) { try await waiting.value }
        await #expect(throws: InferenceError.self) { try await queue.run(images: 1) { [] } }
        gate.release()
        #expect(try await running.values == [[7]], "what was being computed is still answered")
    }
}
