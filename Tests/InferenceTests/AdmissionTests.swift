import Testing

@testable import Inference

/// Who is let in, who gives way, and who is told to come back.
@Suite(.timeLimit(.minutes(3)))
struct AdmissionTests {
    private let engine = Engine()

    private func close(_ queue: InferenceQueue, _ model: LoadedModel) async -> Task<InferenceResult, any Error> {
        let task = Task { try await queue.infer(.numbers([0], model)) }
        await engine.gate.waitUntilEntered()
        return task
    }

    @Test func aFullQueueRefusesAtOnceAndNamesItsSize() async throws {
        let (queue, model) = (engine.queue(capacity: 3), try makeModel())
        defer { queue.stop() }
        let closed = await close(queue, model)
        let waiting = Task { try await queue.infer(.numbers([1, 2, 3], model)) }
        await until { queue.waitingImages == 3 }
        do {
            _ = try await queue.infer(.numbers([4], model))
            Issue.record("a fourth image was accepted into a queue of three")
        } catch InferenceError.overloaded(let waiting, let capacity, _) {
            #expect(waiting == 3 && capacity == 3)
        }
        engine.gate.release()
        _ = try await (closed.value, waiting.value)
        #expect(queue.statistics.overloaded == 1)
    }

    @Test func aRequestOfMoreImagesThanTheCapacityRunsWhenNothingWaits() async throws {
        let (queue, model) = (engine.queue(capacity: 2), try makeModel())
        defer { queue.stop() }
        #expect(try await queue.infer(.numbers([1, 2, 3, 4, 5], model)).images.count == 5)
    }

    @Test func theTimeToDrainIsWhatTheWaitingImagesWillTake() async throws {
        let (queue, model) = (engine.queue(capacity: 100), try makeModel(maximumBatch: 10))
        defer { queue.stop() }
        for _ in 0..<20 {
            model.learn(images: 10, seconds: 1.5)
            model.learn(images: 5, seconds: 1)
        }
        let closed = await close(queue, model)
        let waiting = Task { try await queue.infer(.numbers([Float](repeating: 1, count: 100), model)) }
        await until { queue.waitingImages == 100 }
        do {
            _ = try await queue.infer(.numbers([1], model))
            Issue.record("the queue is full")
        } catch InferenceError.overloaded(_, _, let drain) {
            // t = 0.1·n + 0.5: ten batches of ten take 15 s, and the image at the gate 0.6 s at most.
            #expect(drain > .seconds(14.9) && drain < .seconds(15.7), "\(drain)")
        }
        waiting.cancel()
        engine.gate.release()
        _ = try await closed.value
    }

    @Test func theTimeToDrainCountsWhatTheCoresDoBesideTheNetwork() throws {
        let model = try makeModel(maximumBatch: 1)
        for _ in 0..<20 { model.learn(images: 1, seconds: 0.1) }
        var state = QueueState(capacity: 200, width: 1, cacheBytes: 0)
        var now = ContinuousClock.now
        func enter(_ count: Int, deadline: Duration = .seconds(1000)) throws {
            let numbers = [Float](repeating: 1, count: count)
            let request = InferenceRequest.numbers(numbers, model, deadline: now + deadline)
            _ = try state.enter(InferenceTicket(request), request, now: now)
        }
        try enter(120)
        _ = state.preparersToStart()
        for _ in 0..<100 {
            while let item = state.takeForPreparation() {
                _ = state.prepared(item, .success([1]), in: .milliseconds(1), now: now)
            }
            _ = state.preparersToStart()
            let batch = state.takeBatch(now: now).batch
            let began = now + .milliseconds(100)
            now += .milliseconds(200)
            _ = state.computed(batch, batch.map { .success($0.input) }, began: began, now: now)
        }
        // 20 images of 0.1 s each, of which one ended every 0.2 s.
        let drain = state.drain(now: now)
        #expect(drain > .seconds(3.9) && drain <= .seconds(4.01), "\(drain)")
        // A deadline must leave some more than that.
        #expect(throws: InferenceError.self) { try enter(1, deadline: .seconds(4.3)) }
        try enter(1, deadline: .seconds(5.2))
    }

    @Test func aDeadlineThatCannotBeKeptIsRefusedBeforeAnyWork() async throws {
        let (queue, model) = (engine.queue(), try makeModel(maximumBatch: 10))
        defer { queue.stop() }
        for _ in 0..<20 { model.learn(images: 10, seconds: 10) }
        let closed = await close(queue, model)
        let waiting = Task { try await queue.infer(.numbers([1, 2, 3, 4], model)) }
        await until { queue.waitingImages == 4 }
        await #expect {
            try await queue.infer(.numbers([1], model, deadline: .now + .milliseconds(500)))
        } throws: { if case InferenceError.deadlinePassed = $0 { true } else { false } }
        await #expect {
            try await queue.infer(.numbers([1], model, deadline: .now + .seconds(3)))
        } throws: { if case InferenceError.tooLate(waiting: 4, _) = $0 { true } else { false } }
        #expect(queue.statistics.tooLate == 2)
        engine.gate.release()
        _ = try await (closed.value, waiting.value)
    }

    @Test func aRequestThatExpiresInTheQueueIsAnsweredThenAndNotComputed() async throws {
        let (queue, model) = (engine.queue(), try makeModel())
        defer { queue.stop() }
        let closed = await close(queue, model)
        let start = ContinuousClock.now
        await #expect {
            try await queue.infer(.numbers([1, 2], model, deadline: .now + .milliseconds(50)))
        } throws: { if case InferenceError.deadlinePassed = $0 { true } else { false } }
        #expect(ContinuousClock.now - start >= .milliseconds(50))
        #expect(queue.waitingImages == 0)
        engine.gate.release()
        _ = try await closed.value
        #expect(engine.batches.isEmpty)
        #expect(queue.statistics.expired == 2)
    }

    @Test func whatIsDroppedBeforeItsBatchMakesRoomForWhatWaits() async throws {
        let (queue, model) = (engine.queue(width: 1), try makeModel(maximumBatch: 1))
        defer { queue.stop() }
        let closed = await close(queue, model)
        let deadline = ContinuousClock.now + .seconds(40)
        let late = (1...2).map { number in
            Task { try await queue.infer(.numbers([Float(number)], model, deadline: deadline)) }
        }
        await until { queue.statistics.prepared == 2 }
        let waiting = Task { try await queue.infer(.numbers([3], model, deadline: .now + .seconds(3000))) }
        await until { queue.statistics.waiting == 1 }
        for _ in 0..<1000 { model.learn(images: 1, seconds: 100) }
        engine.gate.release()
        _ = try await (closed.value, waiting.value)
        #expect(ContinuousClock.now < deadline, "it was noticed only when the time of the dropped ones ended")
        for task in late { await #expect(throws: InferenceError.self) { try await task.value } }
        #expect(engine.numbers == [3])
    }

    @Test func aRequestWhoseTimeEndsInTheNetworkIsAnsweredThen() async throws {
        let (queue, model) = (engine.queue(), try makeModel())
        defer { queue.stop() }
        let late = Task { try await queue.infer(.numbers([0], model, deadline: .now + .milliseconds(100))) }
        await engine.gate.waitUntilEntered()
        await #expect {
            try await late.value
        } throws: { if case InferenceError.deadlinePassed = $0 { true } else { false } }
        engine.gate.release()
        // What nobody waits for any more is computed to its end, and the queue goes on.
        #expect(try await queue.infer(.numbers([3], model)).images.count == 1)
        #expect(queue.statistics.computed == 2 && queue.statistics.expired == 0)
    }

    @Test func whatIsMoreUrgentTakesThePlaceOfWhatIsLess() async throws {
        let (queue, model) = (engine.queue(capacity: 20, width: 1), try makeModel(maximumBatch: 1))
        defer { queue.stop() }
        let closed = await close(queue, model)
        let low = (1...20).map { number in
            Task { try await queue.infer(.numbers([Float(number)], model, priority: .low)) }
        }
        await until { queue.waitingImages == 20 }
        let urgent = Task { try await queue.infer(.numbers([100], model, priority: .high)) }
        await until { queue.statistics.overloaded == 1 }
        engine.gate.release()
        _ = try await (closed.value, urgent.value)
        var refused = 0
        for task in low {
            do { _ = try await task.value } catch InferenceError.overloaded { refused += 1 }
        }
        #expect(refused == 1)
    }

    @Test func aClientThatFillsTheQueueGivesWayToOthersButNotToItself() async throws {
        let (queue, model) = (engine.queue(capacity: 20, width: 1), try makeModel(maximumBatch: 1))
        defer { queue.stop() }
        let closed = await close(queue, model)
        let greedy = (1...20).map { number in
            Task { try await queue.infer(.numbers([Float(number)], model, client: "greedy")) }
        }
        await until { queue.waitingImages == 20 }
        await #expect(throws: InferenceError.self) {
            try await queue.infer(.numbers([21], model, client: "greedy"))
        }
        let modest = Task { try await queue.infer(.numbers([100, 101], model, client: "modest")) }
        await until { queue.statistics.overloaded == 3 }
        engine.gate.release()
        #expect(try await modest.value.images.count == 2)
        var refused = 0
        for task in greedy {
            do { _ = try await task.value } catch InferenceError.overloaded { refused += 1 }
        }
        #expect(refused == 2)
        _ = try await closed.value
    }
}
