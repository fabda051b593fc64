import Testing

@testable import Inference

/// When the thread that made an input runs the batch itself instead of waking an engine.
struct QueueStateTests {
    private var state = QueueState(capacity: 10, width: 1, cacheBytes: 0)
    private let model: LoadedModel

    init() throws { model = try makeModel() }

    private mutating func enter(_ numbers: [Float]) throws {
        let request = InferenceRequest.numbers(numbers, model)
        _ = try state.enter(InferenceTicket(request), request, now: .now)
        _ = state.preparersToStart()
    }

    private mutating func prepareOne() throws {
        let next = state.takeForPreparation()
        let item = try #require(next)
        _ = state.prepared(item, .success([1]), in: .zero, now: .now)
    }

    @Test mutating func aloneItTakesTheBatchAndLeavesItsPlaceToAnother() throws {
        try enter([1])
        try prepareOne()
        let batch = state.takeBatchAlone(now: .now)
        #expect(batch.count == 1)
        try enter([2])
        try prepareOne()
    }

    @Test mutating func whileOthersWaitItMakesTheirInputs() throws {
        try enter([1, 2])
        try prepareOne()
        let first = state.takeBatchAlone(now: .now)
        #expect(first.isEmpty)
        try prepareOne()
        let both = state.takeBatchAlone(now: .now)
        #expect(both.count == 2)
    }

    @Test mutating func whileABatchRunsItLeavesTheNextToTheEngines() throws {
        try enter([1])
        try prepareOne()
        let running = state.takeBatch(now: .now).batch
        #expect(running.count == 1)
        try enter([2])
        try prepareOne()
        let next = state.takeBatchAlone(now: .now)
        #expect(next.isEmpty)
    }
}
