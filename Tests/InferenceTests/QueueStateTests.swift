import Testing

@testable import Inference

/// The queue's rules, one step after another.
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

    @Test mutating func anEstimateThatMayBeWrongByNowIsTriedAgainOnAnIdleMachine() throws {
        let start = ContinuousClock.now
        try enter([1])
        let taken = state.takeForPreparation()
        let slow = try #require(taken)
        _ = state.prepared(slow, .failure(CancellationError()), in: .seconds(5), now: start)
        let request = InferenceRequest.numbers([2], model, deadline: start + .seconds(2))
        #expect(throws: InferenceError.self) { try state.enter(InferenceTicket(request), request, now: start) }
        let late = InferenceRequest.numbers([2], model, deadline: start + .seconds(3.5))
        _ = try state.enter(InferenceTicket(late), late, now: start + .seconds(1.5))
        #expect(throws: InferenceError.self, "one is enough to find out") {
            try state.enter(InferenceTicket(late), late, now: start + .seconds(1.5))
        }
        #expect(throws: InferenceError.self) { try state.enter(InferenceTicket(late), late, now: start + .seconds(4)) }
    }

    @Test mutating func anImageThatAnotherClientSendsTooTakesTheEarlierTurn() throws {
        for number in 0..<9 {
            let request = InferenceRequest.numbers([Float(number)], model, content: [UInt8(number)], client: "a")
            _ = try state.enter(InferenceTicket(request), request, now: .now)
        }
        let same = InferenceRequest.numbers([8], model, content: [8], client: "b")
        let joiner = InferenceTicket(same)
        _ = try state.enter(joiner, same, now: .now)
        #expect(state.waitingImages == 9)
        let second = [state.takeForPreparation(), state.takeForPreparation()].compactMap { $0 }
        #expect(second.count == 2 && second[1].waiters.contains { $0.ticket === joiner })
    }

    @Test mutating func imagesAreNotKeptBackBeyondADeadline() throws {
        let patient = try makeModel(delay: 500)
        let now = ContinuousClock.now
        for (deadline, due) in [
            (Duration.milliseconds(200), Duration.milliseconds(200)), (.seconds(60), .milliseconds(500)),
        ] {
            let request = InferenceRequest.numbers([1], patient, deadline: now + deadline)
            _ = try state.enter(InferenceTicket(request), request, now: now)
            let taken = state.takeForPreparation()
            let item = try #require(taken)
            _ = state.prepared(item, .success([1]), in: .zero, now: now)
            let next = state.takeBatch(now: now)
            #expect(next.batch.isEmpty && next.lookAgain == now + due)
            _ = state.takeBatch(now: now + due).batch
        }
    }

    @Test mutating func whatIsDroppedIsCountedByImage() throws {
        let request = InferenceRequest.numbers([1, 2, 3], model)
        let ticket = InferenceTicket(request)
        _ = try state.enter(ticket, request, now: .now)
        try prepareOne()
        let running = state.takeBatch(now: .now).batch
        #expect(running.count == 1)
        _ = state.cancel(ticket)
        #expect(state.statistics.cancelled == 2, "the one in the network is computed")
    }

    @Test mutating func whatCouldOnlyEndAfterItsDeadlineIsDroppedBeforeItRuns() throws {
        let slow = try makeModel(maximumBatch: 1)
        for _ in 0..<20 { slow.learn(images: 1, seconds: 1) }
        let start = ContinuousClock.now
        func makeReady(_ deadline: Duration, now: ContinuousClock.Instant) throws -> InferenceTicket {
            let request = InferenceRequest.numbers([1], slow, deadline: now + deadline)
            let ticket = InferenceTicket(request)
            _ = try state.enter(ticket, request, now: now)
            let taken = state.takeForPreparation()
            let item = try #require(taken)
            _ = state.prepared(item, .success([1]), in: .zero, now: now)
            return ticket
        }
        // On a machine that was idle the prediction is tried.
        _ = try makeReady(.seconds(0.5), now: start)
        #expect(state.dropLate(now: start).isEmpty)
        let batch = state.takeBatch(now: start).batch
        #expect(batch.count == 1)
        _ = try makeReady(.seconds(2.5), now: start)
        _ = state.computed(batch, [.success([2])], began: start, now: start + .seconds(1))
        _ = state.dropLate(now: start + .seconds(1))
        #expect(state.statistics.expired == 0, "it can still end in time")
        _ = state.dropLate(now: start + .seconds(1.75))
        #expect(state.statistics.expired == 1 && state.waitingImages == 0)
    }
}
