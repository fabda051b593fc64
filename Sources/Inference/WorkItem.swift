/// One image on its way through the queue, for one request or for several that sent the same.
///
/// `@unchecked Sendable`: its state is guarded by the queue's lock.
final class WorkItem: FairlyQueued, @unchecked Sendable {
    enum Phase: Comparable {
        case waiting
        case preparing
        /// The network's input is there.
        case ready
        case computing
        case done
    }

    let model: LoadedModel
    let layer: String
    let key: ResultKey?
    var client: QueueClient
    var priority: InferencePriority
    var phase = Phase.waiting
    var prepare: (@Sendable () throws -> [Float])?
    var input: [Float] = []
    /// From when on it does not wait for others to share its batch.
    var due = ContinuousClock.now
    /// The number of the batch that it runs in.
    var batch = 0
    var prepared = Duration.zero
    /// Who gets the result, at which place among its images.
    var waiters: [(ticket: InferenceTicket, position: Int)] = []

    init(_ image: InferenceRequest.Image, of request: InferenceRequest, key: ResultKey?) {
        model = request.model
        layer = request.layer
        self.key = key
        client = request.client
        priority = request.priority
        prepare = image.prepare
    }
}
