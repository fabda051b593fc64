/// A request in the queue, answered exactly once.
///
/// `@unchecked Sendable`: its state is guarded by the queue's lock.
final class InferenceTicket: @unchecked Sendable {
    let priority: InferencePriority
    let client: QueueClient
    let deadline: ContinuousClock.Instant
    let entered = ContinuousClock.now
    /// One for each image that is not done.
    var items: [WorkItem?]
    private var results: [Result<[Float], any Error>?]
    private var remaining: Int
    private var continuation: CheckedContinuation<InferenceResult, any Error>?
    private(set) var isAnswered = false
    /// Its caller left before it came into the queue.
    var isCancelled = false

    init(_ request: InferenceRequest) {
        priority = request.priority
        client = request.client
        deadline = request.deadline
        items = Array(repeating: nil, count: request.images.count)
        results = Array(repeating: nil, count: request.images.count)
        remaining = request.images.count
    }

    /// Holds on to the caller until there is an answer.
    func wait(with continuation: CheckedContinuation<InferenceResult, any Error>) { self.continuation = continuation }

    /// Whether an image of it still waits for the network.
    var isWaiting: Bool { items.contains { $0.map { $0.phase < .computing } ?? false } }

    /// Takes in an image's result; with the last one, returns what answers the request, to be called without the lock.
    func finish(
        _ position: Int, with result: Result<[Float], any Error>, prepared: Duration, computed: Duration
    ) -> Answer? {
        guard !isAnswered, results[position] == nil else { return nil }
        results[position] = result
        items[position] = nil
        remaining -= 1
        guard remaining == 0 else { return nil }
        return answer(
            with: .success(
                InferenceResult(
                    images: results.compactMap { $0 }, prepared: prepared, computed: computed,
                    total: .now - entered)))
    }

    /// Ends the request with one answer for all of its images.
    func answer(with result: Result<InferenceResult, any Error>) -> Answer? {
        guard !isAnswered, let continuation else { return nil }
        isAnswered = true
        self.continuation = nil
        items = []
        return Answer(continuation: continuation, result: result)
    }

    /// Wakes the caller.
    struct Answer {
        let continuation: CheckedContinuation<InferenceResult, any Error>
        let result: Result<InferenceResult, any Error>

        func callAsFunction() { continuation.resume(with: result) }
    }
}
