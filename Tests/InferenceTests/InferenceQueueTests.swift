import Compute
import ModelFormats
import Synchronization
import Testing

@testable import Inference

@Suite(.timeLimit(.minutes(3)))
struct InferenceQueueTests {
    private let engine = Engine()

    /// Holds the engine at the gate, so that what comes next has to wait.
    private func close(_ queue: InferenceQueue, _ model: LoadedModel) async -> Task<InferenceResult, any Error> {
        let task = Task { try await queue.infer(.numbers([0], model)) }
        await engine.gate.waitUntilEntered()
        return task
    }

    private func values(_ result: InferenceResult) throws -> [[Float]] { try result.images.map { try $0.get() } }

    @Test func resultsComeBackToTheirOwnCallersAndPlaces() async throws {
        let (queue, model) = (engine.queue(), try makeModel())
        defer { queue.stop() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...300 {
                group.addTask {
                    let numbers = [Float(number), Float(number) + 0.25, Float(number) + 0.5]
                    let result = try await queue.infer(.numbers(numbers, model))
                    #expect(try values(result) == numbers.map { [2 * $0] })
                }
            }
            try await group.waitForAll()
        }
        #expect(queue.waitingImages == 0)
        #expect(engine.numbers.count == 900)
    }

    @Test func whoGivesWayWaitsForImagesButNotForEver() async throws {
        let (queue, model) = (engine.queue(), try makeModel())
        defer { queue.stop() }
        var patience = Duration.seconds(60)
        queue.giveWay(&patience)
        #expect(patience > .seconds(50))
        let first = await close(queue, model)
        var little = Duration.milliseconds(5)
        queue.giveWay(&little)
        #expect(little <= .zero)
        engine.gate.release()
        _ = try await first.value
        queue.giveWay(&patience)
        #expect(patience > .zero)
    }

    @Test func aSecondBatchBeginsBesideTheFirst() async throws {
        let pool = ComputePool(threads: 2)
        let (queue, model) = (engine.queue(threads: 2), try makeModel(maximumBatch: 2, delay: 10_000, pool: pool))
        defer { queue.stop() }
        // The first batch has begun with all of its images when it holds at the gate.
        let first = Task { try await queue.infer(.numbers([0, 1], model)) }
        await engine.gate.waitUntilEntered()
        let second = try await queue.infer(.numbers([2, 3], model))
        #expect(try values(second) == [[4], [6]])
        engine.gate.release()
        #expect(try values(await first.value) == [[0], [2]])
    }

    @Test func anIdleEngineStartsAtOnceWithWhatThereIs() async throws {
        let (queue, model) = (engine.queue(), try makeModel(maximumBatch: 32))
        defer { queue.stop() }
        _ = try await queue.infer(.numbers([1], model))
        #expect(engine.batches == [[1]])
    }

    @Test func aBusyEngineTakesWhatHasGatheredUpToTheLimit() async throws {
        let (queue, model) = (engine.queue(), try makeModel(maximumBatch: 4))
        defer { queue.stop() }
        let closed = await close(queue, model)
        let waiting = Task { try await queue.infer(.numbers((1...9).map(Float.init), model)) }
        // Two batches of four may be made ready ahead.
        await until { queue.statistics.prepared == 8 }
        engine.gate.release()
        _ = try await (closed.value, waiting.value)
        #expect(engine.batches.map(\.count) == [4, 4, 1])
    }

    @Test func aModelThatAsksForItHasImagesWaitForOthers() async throws {
        let (queue, model) = (engine.queue(), try makeModel(maximumBatch: 2, delay: 10_000))
        defer { queue.stop() }
        async let first = queue.infer(.numbers([1], model))
        await until { queue.statistics.prepared == 1 }
        async let second = queue.infer(.numbers([2], model))
        _ = try await (first, second)
        #expect(engine.batches.map(\.count) == [2])
    }

    @Test func theDelayEndsThoughNobodyElseCame() async throws {
        let (queue, model) = (engine.queue(), try makeModel(maximumBatch: 2, delay: 20))
        defer { queue.stop() }
        let result = try await queue.infer(.numbers([1], model))
        #expect(result.total >= .milliseconds(20))
        #expect(engine.batches == [[1]])
    }

    @Test func requestsForDifferentLayersShareABatch() async throws {
        let (queue, model) = (engine.queue(), try makeModel(maximumBatch: 8))
        defer { queue.stop() }
        let closed = await close(queue, model)
        async let doubled = queue.infer(.numbers([3], model))
        async let squared = queue.infer(.numbers([5], model, layer: "square"))
        await until { queue.statistics.prepared == 2 }
        engine.gate.release()
        _ = try await closed.value
        #expect(try values(await doubled) == [[6]])
        #expect(try values(await squared) == [[25]])
        #expect(engine.batches.count == 1)
    }

    @Test func modelsDoNotShareBatches() async throws {
        let (queue, one, other) = (engine.queue(), try makeModel(maximumBatch: 8), try makeModel(maximumBatch: 8))
        defer { queue.stop() }
        let closed = await close(queue, one)
        async let first = queue.infer(.numbers([1], one))
        async let second = queue.infer(.numbers([2], other))
        await until { queue.statistics.prepared == 2 }
        engine.gate.release()
        _ = try await (closed.value, first, second)
        #expect(engine.batches.map(\.count) == [1, 1])
    }

    @Test func anImageThatBreaksABatchFailsAlone() async throws {
        let (queue, model) = (engine.queue(), try makeModel(maximumBatch: 8))
        defer { queue.stop() }
        let closed = await close(queue, model)
        let good = Task { try await queue.infer(.numbers([1, 2], model)) }
        let bad = Task { try await queue.infer(.numbers([.nan], model)) }
        await until { queue.statistics.prepared == 3 }
        engine.gate.release()
        _ = try await closed.value
        #expect(try values(await good.value) == [[2], [4]])
        let broken = try await bad.value
        #expect(throws: Engine.BrokenBatch.self) { try values(broken) }
    }

    @Test func anInputThatCannotBeMadeIsThatImagesFailure() async throws {
        struct Unreadable: Error {}
        let (queue, model) = (engine.queue(), try makeModel())
        defer { queue.stop() }
        let result = try await queue.infer(
            InferenceRequest(
                model: model, images: [.init { [1] }, .init { throw Unreadable() }, .init { [3] }], layer: "output"))
        #expect(try result.images[0].get() == [2])
        #expect(throws: Unreadable.self) { try result.images[1].get() }
        #expect(try result.images[2].get() == [6])
        #expect(queue.waitingImages == 0, "the failed image still has its place")
    }

    @Test func inputsAreMadeOnlyAFewAhead() async throws {
        let (queue, model) = (engine.queue(), try makeModel(maximumBatch: 3))
        defer { queue.stop() }
        let closed = await close(queue, model)
        let waiting = Task { try await queue.infer(.numbers((1...100).map(Float.init), model)) }
        await until { queue.statistics.prepared == 6 }
        try await Task.sleep(for: .milliseconds(20))
        #expect(queue.statistics.prepared == 6)
        #expect(queue.statistics.waiting == 94)
        engine.gate.release()
        _ = try await (closed.value, waiting.value)
        #expect(engine.numbers.sorted() == (1...100).map(Float.init))
    }

    @Test func stoppingRefusesWhatWaitsAndWhatComes() async throws {
        let (queue, model) = (engine.queue(capacity: 10), try makeModel())
        let closed = await close(queue, model)
        let waiting = Task { try await queue.infer(.numbers([1], model)) }
        await until { queue.waitingImages == 1 }
        queue.stop()
        await #expect(throws: InferenceError.self) { try await waiting.value }
        await #expect(throws: InferenceError.self) { try await queue.infer(.numbers([1], model)) }
        engine.gate.release()
        #expect(try values(await closed.value) == [[0]], "what was being computed is still answered")
    }

    // MARK: Cancellation

    @Test func aThousandClientsThatLeaveAreNotComputed() async throws {
        let (queue, model) = (engine.queue(capacity: 5000), try makeModel())
        defer { queue.stop() }
        let closed = await close(queue, model)
        let leaving = (1...1000).map { number in
            Task { try await queue.infer(.numbers([Float(number)], model)) }
        }
        await until { queue.waitingImages == 1000 }
        for task in leaving { task.cancel() }
        for task in leaving { await #expect(throws: CancellationError.self) { try await task.value } }
        // What was being made ready finds out when it is done.
        await until { queue.waitingImages == 0 }
        engine.gate.release()
        _ = try await closed.value
        _ = try await queue.infer(.numbers([7], model))
        #expect(engine.batches == [[7]])
        #expect(queue.statistics.cancelled == 1000)
    }

    @Test func whatWaitsBehindImagesThatLeaveReadyIsComputed() async throws {
        let (queue, model) = (engine.queue(), try makeModel(maximumBatch: 3))
        defer { queue.stop() }
        let closed = await close(queue, model)
        let leaving = Task { try await queue.infer(.numbers([1, 2, 3, 4, 5, 6], model)) }
        await until { queue.statistics.prepared == 6 }
        let waiting = Task { try await queue.infer(.numbers([7, 8], model)) }
        await until { queue.statistics.waiting == 2 }
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        engine.gate.release()
        _ = try await (closed.value, waiting.value)
        #expect(engine.numbers.sorted() == [7, 8])
    }

    /// On a busy machine the six may expire before they are ready: then they get more time.
    @Test(arguments: [[1, 30]]) func whatWaitsBehindImagesThatExpireReadyIsComputed(seconds: [Int]) async throws {
        let model = try makeModel(maximumBatch: 3)
        for seconds in seconds {
            let (engine, patience) = (Engine(), ContinuousClock.now + .seconds(600))
            let queue = engine.queue()
            defer { queue.stop() }
            let closed = Task { try await queue.infer(.numbers([0], model, deadline: patience)) }
            await engine.gate.waitUntilEntered()
            let ended = Locked(false)
            let late = Task {
                defer { ended.withLock { $0 = true } }
                return try await queue.infer(
                    .numbers([1, 2, 3, 4, 5, 6], model, deadline: .now + .seconds(seconds)))
            }
            await until { queue.statistics.prepared == 6 || ended.withLock { $0 } }
            let wasReady = queue.statistics.prepared == 6
            let waiting = Task { try await queue.infer(.numbers([7, 8], model, deadline: patience)) }
            await until { queue.statistics.waiting == 2 || queue.statistics.prepared < 6 }
            await #expect(throws: InferenceError.self) { try await late.value }
            engine.gate.release()
            _ = try await (closed.value, waiting.value)
            #expect(engine.numbers.sorted() == [7, 8])
            if wasReady { return }
        }
        Issue.record("six images were not ready within \(seconds) seconds")
    }

    @Test func aTaskThatIsCancelledBeforehandIsNotTakenIn() async throws {
        let (queue, model) = (engine.queue(), try makeModel())
        defer { queue.stop() }
        let task = Task {
            try? await Task.sleep(for: .seconds(60))
            return try await queue.infer(.numbers([1], model))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(engine.batches.isEmpty)
    }

    // MARK: Coalescing and cache

    @Test func identicalImagesInFlightAreComputedOnce() async throws {
        let (queue, model) = (engine.queue(), try makeModel(maximumBatch: 8))
        defer { queue.stop() }
        let closed = await close(queue, model)
        let same = (0..<10).map { _ in Task { try await queue.infer(.numbers([4, 4], model, content: [1])) } }
        await until { queue.statistics.admitted == 21 }
        #expect(queue.waitingImages == 1, "only one of them takes a place")
        engine.gate.release()
        _ = try await closed.value
        for task in same { #expect(try values(await task.value) == [[8], [8]]) }
        #expect(engine.batches == [[4]])
        #expect(queue.statistics.coalesced == 19)
    }

    @Test func anIdenticalImageIsComputedThoughTheFirstClientLeft() async throws {
        let (queue, model) = (engine.queue(), try makeModel())
        defer { queue.stop() }
        let closed = await close(queue, model)
        let first = Task { try await queue.infer(.numbers([4], model, content: [1])) }
        await until { queue.statistics.admitted == 2 }
        let second = Task { try await queue.infer(.numbers([4], model, content: [1])) }
        await until { queue.statistics.coalesced == 1 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        engine.gate.release()
        _ = try await closed.value
        #expect(try values(await second.value) == [[8]])
    }

    @Test func withoutACacheTheSameImageIsComputedAgain() async throws {
        let (queue, model) = (engine.queue(), try makeModel())
        defer { queue.stop() }
        for _ in 0..<2 { _ = try await queue.infer(.numbers([4], model, content: [1])) }
        #expect(engine.batches == [[4], [4]])
    }

    @Test func theCacheKnowsContentLayerAndModel() async throws {
        let (queue, one, other) = (engine.queue(cacheBytes: 1 << 20), try makeModel(), try makeModel(weights: "other"))
        defer { queue.stop() }
        for _ in 0..<3 {
            #expect(try values(await queue.infer(.numbers([4], one, content: [1]))) == [[8]])
            #expect(try values(await queue.infer(.numbers([4], one, content: [1], layer: "square"))) == [[16]])
            #expect(try values(await queue.infer(.numbers([5], one, content: [2]))) == [[10]])
            #expect(try values(await queue.infer(.numbers([6], other, content: [1]))) == [[12]])
        }
        #expect(engine.batches == [[4], [4], [5], [6]])
        #expect(queue.statistics.cacheHits == 8 && queue.statistics.cacheMisses == 4)
    }

    @Test func `a model loaded again from equal files keeps its cached results`() async throws {
        let queue = engine.queue(cacheBytes: 1 << 20)
        defer { queue.stop() }
        for _ in 0..<3 { _ = try await queue.infer(.numbers([4], makeModel(), content: [1])) }
        #expect(engine.batches == [[4]])
        var preprocessing = PreprocessingRule.imageNet
        preprocessing.cropFraction = 1
        _ = try await queue.infer(.numbers([5], makeModel(preprocessing: preprocessing), content: [1]))
        #expect(engine.batches == [[4], [5]], "what is prepared otherwise has other results")
    }

    @Test func `an image in flight is computed once for a model and for the one that replaces it`() async throws {
        let (queue, old) = (engine.queue(), try makeModel())
        defer { queue.stop() }
        let closed = await close(queue, old)
        let first = Task { try await queue.infer(.numbers([4], old, content: [1])) }
        await until { queue.statistics.admitted == 2 }
        let second = Task { try await queue.infer(.numbers([4], makeModel(), content: [1])) }
        await until { queue.statistics.coalesced == 1 }
        engine.gate.release()
        _ = try await closed.value
        for task in [first, second] { #expect(try values(await task.value) == [[8]]) }
        #expect(engine.batches == [[4]])
    }
}
