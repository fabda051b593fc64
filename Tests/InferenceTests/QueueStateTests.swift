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
        let item = try #require(state.takeForPreparation())
        _ = state.prepared(item, .success([1]), in: .zero, now: .now)
    }

    @Test mutating func aloneItTakesTheBatchAndLeavesItsPlaceToAnother() throws {
        try enter([1])
        try prepareOne()
        #expect(state.takeBatchAlone(now: .now).count == 1)
        try enter([2])
        #expect(state.takeForPreparation() != nil)
    }

    @Test mutating func whileOthersWaitItMakesTheirInputs() throws {
        try enter([1, 2])
        try prepareOne()
        #expect(state.takeBatchAlone(now: .now).isEmpty)
        try prepareOne()
        #expect(state.takeBatchAlone(now: .now).count == 2)
    }

    @Test mutating func whileABatchRunsItLeavesTheNextToTheEngines() throws {
        try enter([1])
        try prepareOne()
        #expect(state.takeBatch(now: .now).batch.count == 1)
        try enter([2])
        try prepareOne()
        #expect(state.takeBatchAlone(now: .now).isEmpty)
    }
}
