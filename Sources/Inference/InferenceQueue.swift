import Compute
import Dispatch
import Foundation

/// Where requests wait for the networks, and the threads that serve them: a few that make the networks' inputs (decoding
/// images), and the engines, which run networks on a pool's threads. There are two, so that threads without an image of
/// the one's batch begin with the other's.
///
/// It never waits for a batch to fill while the machine is idle: when a thread of the pool is free, an engine takes what
/// is ready, up to what pays for the model. Images of one model share a batch, whatever layer they ask for; identical
/// ones are computed once. The rules are ``QueueState``'s; this guards it with a lock and moves the work.
public final class InferenceQueue: Sendable {
    /// Runs a batch: for each layer, all images' floats. Calls `allBegun` where another batch may begin beside its end.
    typealias Compute =
        @Sendable (LoadedModel, _ inputs: [[Float]], _ layers: [String], _ allBegun: @escaping () -> Void) throws ->
        [[Float]]

    private let state: Locked<QueueState>
    private let work = DispatchSemaphore(value: 0)  // waited for by the engines only
    private let preparation = DispatchSemaphore(value: 0)  // waited for by the threads that make inputs only
    private let deadlines = Alarm(label: "martlet.deadlines")
    private let compute: Compute
    private let engines: Int
    private let preparers: Int

    /// A queue with places for `capacity` images, and its threads; as many as the pool's make inputs.
    ///
    /// - Parameters:
    ///   - pool: the one that the models' plans run on.
    ///   - cacheBytes: the most bytes of results kept for images that come again; 0 keeps none.
    public convenience init(capacity: Int, pool: ComputePool, cacheBytes: Int = 0) {
        self.init(capacity: capacity, pool: pool, cacheBytes: cacheBytes, width: pool.threads) {
            model, inputs, layers, allBegun in
            try model.plan.run(inputs, layers: layers, allBegun: allBegun)
        }
    }

    init(capacity: Int, pool: ComputePool, cacheBytes: Int, width: Int, compute: @escaping Compute) {
        state = Locked(QueueState(capacity: capacity, width: max(1, width), cacheBytes: cacheBytes))
        self.compute = compute
        engines = pool.threads > 1 ? 2 : 1
        // One more than make inputs, for one may be busy with a batch.
        preparers = max(1, width) + 1
        deadlines.start { [weak self] in self?.endLateRequests() }
        for _ in 0..<engines { start("martlet-engine") { [self] in serve() } }
        for _ in 0..<preparers { start("martlet-prepare") { [self] in prepareUntilStopped() } }
    }

    private func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.start()
    }

    /// Runs a request's images through its model.
    ///
    /// - Throws: ``InferenceError`` at once where the queue is full or stopped or the deadline cannot be kept, later where
    ///   it passed or others took the place; `CancellationError` where the task is cancelled, whose images are then
    ///   dropped unless they are being computed.
    public func infer(_ request: InferenceRequest) async throws -> InferenceResult {
        guard !request.images.isEmpty else {
            return InferenceResult(images: [], prepared: .zero, computed: .zero, total: .zero)
        }
        let ticket = InferenceTicket(request)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in enter(ticket, request, continuation) }
        } onCancel: {
            state.withLock { $0.cancel(ticket) }?()
            startPreparing()
        }
    }

    /// How many images have a place, those being computed not included.
    public var waitingImages: Int { state.withLock(\.waitingImages) }

    /// What the queue holds and has done.
    public var statistics: QueueStatistics { state.withLock(\.currentStatistics) }

    /// Keeps the calling thread while the queue has images, for what is left of `patience`.
    public func giveWay(_ patience: inout Duration) {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < patience, state.withLock(\.hasImages) { usleep(200) }
        patience -= ContinuousClock.now - start
    }

    /// Ends the engines after what they are computing; whoever waits gets ``InferenceError/stopped``.
    public func stop() {
        for answer in state.withLock({ $0.stop() }) { answer() }
        for _ in 0..<engines { work.signal() }
        for _ in 0..<preparers { preparation.signal() }
    }

    private func enter(
        _ ticket: InferenceTicket, _ request: InferenceRequest,
        _ continuation: CheckedContinuation<InferenceResult, any Error>
    ) {
        let (answers, waits) = state.withLock { state -> ([InferenceTicket.Answer], Bool) in
            ticket.wait(with: continuation)
            do {
                if ticket.isCancelled { throw CancellationError() }
                return (try state.enter(ticket, request, now: .now), !ticket.isAnswered)
            } catch {
                return (ticket.answer(with: .failure(error)).map { [$0] } ?? [], false)
            }
        }
        for answer in answers { answer() }
        guard waits else { return }
        startPreparing()
        deadlines.set(at: request.deadline)
    }

    // MARK: Making inputs

    /// To be called whenever an image came or one that was ready left.
    private func startPreparing() {
        for _ in 0..<state.withLock({ $0.preparersToStart() }) { preparation.signal() }
    }

    private func prepareUntilStopped() {
        while true {
            preparation.wait()
            if state.withLock(\.isStopped) { return }
            prepare()
        }
    }

    private func prepare() {
        while let (item, prepare) = state.withLock({ state in
            state.takeForPreparation().map { ($0, $0.prepare) }
        }) {
            let start = ContinuousClock.now
            let input = Result { try prepare?() ?? [] }
            let end = ContinuousClock.now
            let (answers, batch) = state.withLock { state in
                (state.prepared(item, input, in: end - start, now: end), state.takeBatchAlone(now: end))
            }
            for answer in answers { answer() }
            if !batch.isEmpty {
                // On an idle machine this thread goes on by itself: to wake an engine takes longer than to look.
                run(batch)
                work.signal()
                return
            }
            work.signal()
        }
    }

    // MARK: Computing

    private func serve() {
        while true {
            let (late, batch, lookAgain, isStopped) = state.withLock { state in
                let late = state.dropLate(now: .now)
                let (batch, lookAgain) = state.takeBatch(now: .now)
                return (late, batch, lookAgain, state.isStopped)
            }
            for answer in late { answer() }
            // What was dropped leaves room for inputs that wait to be made.
            if !late.isEmpty { startPreparing() }
            guard batch.isEmpty else {
                startPreparing()
                run(batch)
                continue
            }
            if isStopped { return }
            if let lookAgain {
                let wait = max(Duration.zero, lookAgain - .now) / .nanoseconds(1)
                _ = work.wait(timeout: .now() + .nanoseconds(Int(wait)))
            } else {
                work.wait()
            }
        }
    }

    private func run(_ batch: [WorkItem]) {
        let start = ContinuousClock.now
        let results = results(of: batch)
        for answer in state.withLock({ $0.computed(batch, results, began: start, now: .now) }) { answer() }
    }

    private func results(of batch: [WorkItem]) -> [Result<[Float], any Error>] {
        var layers: [String] = []
        for item in batch where !layers.contains(item.layer) { layers.append(item.layer) }
        do {
            let values = try compute(batch[0].model, batch.map(\.input), layers) { [self] in
                // Not earlier: what is in a batch can be neither overtaken nor dropped.
                state.withLock { $0.allBegun() }
                work.signal()
            }
            return batch.enumerated().map { index, item in
                let all = values[layers.firstIndex(of: item.layer) ?? 0]
                let count = all.count / batch.count
                return .success(batch.count == 1 ? all : Array(all[index * count..<(index + 1) * count]))
            }
        } catch {
            // One that asks for more memory than there is must not fail the others.
            return batch.count == 1 ? [.failure(error)] : batch.flatMap { results(of: [$0]) }
        }
    }

    // MARK: Deadlines

    private func endLateRequests() {
        let (answers, next) = state.withLock { $0.expire(now: .now) }
        for answer in answers { answer() }
        startPreparing()
        if let next { deadlines.set(at: next) }
    }
}
