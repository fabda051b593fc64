import Foundation
import Network
import Synchronization

/// First in, first out: requests wait here for the engine, the one thread that runs networks.
///
/// The state is a `Mutex` around plain values. A request whose task is cancelled while it waits leaves at once and
/// costs no computation.
public final class InferenceQueue: Sendable {
    /// What one request gets back.
    public struct Result: Sendable {
        /// For each layer asked for, `images × count` floats.
        public let values: [[Float]]
        /// From entering the queue to the start of the computation.
        public let queued: Duration
        /// Running the network.
        public let computed: Duration
    }

    private struct State {
        var waiting: [InferenceTicket] = []
        var waitingImages = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)  // waited for by the engine thread only
    private let capacity: Int

    /// A queue that holds up to `capacity` waiting images and refuses more, and its engine thread.
    public init(capacity: Int) {
        self.capacity = capacity
        let engine = Thread { [self] in serve() }
        engine.name = "martlet-engine"
        engine.start()
    }

    /// Runs `plan` on `images` images (`images × H × W × C` floats) when those before it are done.
    ///
    /// - Returns: the outputs of `layers`, in their order.
    /// - Throws: ``InferenceError`` at once where the queue is full or stopped; `CancellationError` where the task is
    ///   cancelled before the computation starts; what ``Plan`` throws.
    public func infer(_ plan: Plan, input: [Float], images: Int, layers: [String]) async throws -> Result {
        try await run(images: images) { try plan.run(input: input, images: images, layers: layers) }
    }

    /// Lets the engine run `compute` when its turn comes.
    func run(images: Int, _ compute: @escaping @Sendable () throws -> [[Float]]) async throws -> Result {
        let ticket = InferenceTicket(images: images, compute: compute)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard ticket.wait(with: continuation) else {
                    return continuation.resume(throwing: CancellationError())
                }
                do { try enqueue(ticket) } catch { ticket.cancel(with: error) }
            }
        } onCancel: {
            remove(ticket)
            ticket.cancel(with: CancellationError())
        }
    }

    /// How many images wait, those being computed not included.
    public var waitingImages: Int { state.withLock(\.waitingImages) }

    /// Ends the engine thread after what it is computing; whoever waits gets ``InferenceError/stopped``.
    public func stop() {
        let dropped = state.withLock { state in
            state.isStopped = true
            state.waitingImages = 0
            defer { state.waiting = [] }
            return state.waiting
        }
        for ticket in dropped { ticket.cancel(with: InferenceError.stopped) }
        work.signal()
    }

    private func enqueue(_ ticket: InferenceTicket) throws(InferenceError) {
        try state.withLock { (state) throws(InferenceError) in
            guard !state.isStopped else { throw .stopped }
            // An empty queue takes any request, else one of more images than `capacity` could never run.
            guard state.waiting.isEmpty || state.waitingImages + ticket.images <= capacity else {
                throw .overloaded(waiting: state.waitingImages, capacity: capacity)
            }
            state.waiting.append(ticket)
            state.waitingImages += ticket.images
        }
        work.signal()
    }

    private func remove(_ ticket: InferenceTicket) {
        state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0 === ticket }) else { return }
            state.waiting.remove(at: index)
            state.waitingImages -= ticket.images
        }
    }

    private func serve() {
        while true {
            work.wait()
            let (ticket, isStopped) = state.withLock { state in
                let ticket = state.waiting.isEmpty ? nil : state.waiting.removeFirst()
                state.waitingImages -= ticket?.images ?? 0
                return (ticket, state.isStopped)
            }
            if isStopped { return }
            ticket?.run()  // none: it was cancelled after its signal
        }
    }
}
