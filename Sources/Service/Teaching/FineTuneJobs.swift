import Compute
import Foundation
import Inference
import Logging

/// Fine-tune jobs: takes them on, runs them one after another, and lets others follow them.
///
/// All that matters is in the store: a job that a crash or a stop interrupted is taken up again at the next start, and finds the
/// embeddings that it had computed.
public actor FineTuneJobs {
    /// How jobs share the machine.
    public struct Options: Sendable {
        /// Whose threads fit heads; `nil` for one of their own behind all others, so that serving is hardly disturbed.
        public var pool: ComputePool?
        /// Whether features are computed on a thread behind all others while others send images too.
        public var givesWay = true
        public var logger = Logger(label: "martlet.jobs", factory: { _ in SwiftLogNoOpLogHandler() })

        public init() {}
    }

    let store: any Store
    private let networks: any FeatureNetworks
    private let heads: HeadRegistry
    private let options: Options
    private let background = BackgroundQueue(name: "martlet-teacher")
    private let signal = JobSignal()
    private var current: (id: String, task: Task<Void, Never>)?
    private var runner: Task<Void, Never>?
    private var isStopped = false

    public init(store: any Store, networks: any FeatureNetworks, heads: HeadRegistry, options: Options = Options()) {
        self.store = store
        self.networks = networks
        self.heads = heads
        self.options = options
    }

    /// Takes up what the last process left.
    public func start() { wake() }

    /// Lets followers go, and the running job, for the next process to take up.
    ///
    /// - Parameter limit: how long to wait for the running job. One that has not let go by then may find the store closed.
    public func stop(within limit: Duration = .seconds(10)) async {
        isStopped = true
        signal.end()
        let interrupted = current
        interrupted?.task.cancel()
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        Task { [runner] in
            await runner?.value
            continuation.finish()
        }
        _ = await Self.hasElement(ended, before: .now + limit)
        guard let interrupted else { return }
        do throws(StoreError) { try await store.suspendJob(interrupted.id) } catch {
            options.logger.error("job \(interrupted.id) will count as interrupted: \(error)")
        }
    }

    // MARK: Asking

    /// Adds the images to the job's dataset, if there are any, and queues the job.
    ///
    /// Without a dataset's name the images go into one called as the head; without images that one is trained on.
    ///
    /// - Parameter idempotencyKey: the second request with it and the same content gets the first one's job.
    public func submit(
        _ options: FineTuneOptions, images: [NewImage] = [], idempotencyKey: String? = nil
    ) async throws(TeachingError) -> JobCreation {
        do throws(InvalidOption) { try options.check() } catch { throw .option(error) }
        guard let head = options.head else {
            throw .missingOption("head", reason: "it names what is trained (head=bikes)")
        }
        var key: IdempotencyKey?
        if let idempotencyKey {
            let (given, known) = try await TeachingError.storing { () throws(StoreError) in
                let given = IdempotencyKey(key: idempotencyKey, request: try options.digest(with: images))
                return (given, try await store.job(for: given))
            }
            // Also where the model or the dataset is gone by now.
            if let known { return JobCreation(job: known, isNew: false, images: []) }
            key = given
        }
        let model: String
        do throws(ServiceError) {
            model = try await networks.network(named: options.model).name
        } catch { throw .service(error) }
        let dataset = options.dataset ?? head
        let counts = Dictionary(grouping: images, by: \.label).mapValues { Set($0.map(\.digest)).count }
        try await store.checkClasses(adding: counts, to: dataset)
        let creation = try await TeachingError.storing { () throws(StoreError) in
            try await store.createJob(
                NewJob(head: head, dataset: dataset, model: model, request: options.json(), idempotency: key),
                images: images, retention: options.retain)
        }
        wake()
        return creation
    }

    /// The job as it is.
    public func job(_ id: String) async throws(TeachingError) -> Job {
        try await TeachingError.storing { () throws(StoreError) in try await store.job(id) }
    }

    /// The job when it has ended, or as it is after `limit`.
    public func job(_ id: String, endingWithin limit: Duration) async throws(TeachingError) -> Job {
        let end = ContinuousClock.now + limit
        let changes = signal.changes(of: id)
        var job = try await job(id)
        while !job.state.isFinal, await Self.hasElement(changes, before: end) { job = try await self.job(id) }
        return job
    }

    /// What happened to the job after the event with that number, if something did; else what happens within `limit`.
    ///
    /// - Returns: the events, and whether there will be no more.
    public func events(
        of id: String, after sequence: Int, within limit: Duration
    ) async throws(TeachingError) -> (events: [JobEvent], isEnd: Bool) {
        let end = ContinuousClock.now + limit
        let changes = signal.changes(of: id)
        while true {
            // In this order: the last event is there before the job has ended.
            let job = try await job(id)
            let events = try await TeachingError.storing { () throws(StoreError) in
                try await store.events(of: id, after: sequence)
            }
            // The job may have ended between the two.
            let isEnd = job.state.isFinal || events.last?.name == NewJobEvent.endName
            if isEnd || !events.isEmpty { return (events, isEnd) }
            guard await Self.hasElement(changes, before: end) else { return ([], isStopped) }
        }
    }

    /// Whether the job has ended and nothing happened to it after the event with that number.
    public func hasEnded(_ id: String, after sequence: Int) async throws(TeachingError) -> Bool {
        guard try await job(id).state.isFinal else { return false }
        return try await TeachingError.storing { () throws(StoreError) in
            try await store.events(of: id, after: sequence).isEmpty
        }
    }

    /// Ends the job where it is: what it made is dropped, embeddings stay.
    ///
    /// - Throws: `TeachingError.store` with ``StoreError/jobEnded(_:_:)``.
    public func cancel(_ id: String) async throws(TeachingError) -> Job {
        let (job, _) = try await TeachingError.storing { () throws(StoreError) in
            try await store.finishJob(id, .cancelled, event: .ended(.cancelled))
        }
        if current?.id == id { current?.task.cancel() }
        signal.changed(id)
        return job
    }

    /// Waits for the next element until `end`.
    private static func hasElement(_ stream: AsyncStream<Void>, before end: ContinuousClock.Instant) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in stream { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(until: end, clock: .continuous)
                return false
            }
            let isElement = await group.next() ?? false
            group.cancelAll()
            return isElement
        }
    }

    // MARK: Running

    /// Runs what is queued unless it is being done. A job that comes while the runner looks for the last time is seen by
    /// the next one.
    private func wake() {
        guard runner == nil, !isStopped else {
            comesAgain = true
            return
        }
        runner = Task(priority: .utility) {
            repeat {
                comesAgain = false
                await runQueuedJobs()
            } while comesAgain && !isStopped
            runner = nil
        }
    }

    private var comesAgain = false

    private func runQueuedJobs() async {
        while !isStopped {
            let job: Job
            do throws(StoreError) {
                guard let next = try await store.unfinishedJobs().first else { return }
                job = next
            } catch {
                options.logger.error("the queued jobs cannot be read: \(error)")
                try? await Task.sleep(for: .seconds(1))
                continue
            }
            // Nobody would cancel a job that begins after the stop.
            guard !isStopped else { return }
            let task = Task(priority: .utility) { await run(job) }
            current = (job.id, task)
            await task.value
            current = nil
        }
    }

    private func run(_ job: Job) async {
        let outcome: JobOutcome
        do {
            outcome = try await FineTuneRun(
                store: store, networks: networks, pool: options.pool, background: background,
                givesWay: options.givesWay
            ) { [signal] in signal.changed(job.id) }.run(job)
        } catch is CancellationError {
            return  // cancelled in the store, or the server stops
        } catch StoreError.jobEnded {
            return
        } catch ServiceError.stopping, ServiceError.cancelled, StoreError.closed {
            return
        } catch {
            // What fails while the server stops may do so for that alone.
            if isStopped { return }
            options.logger.notice("job \(job.id) failed: \(error)")
            outcome = .failed(reason: "\(error)")
        }
        await finish(job, outcome)
    }

    /// A job must end, and what it made must not be lost, also where the disk is full just now.
    private func finish(_ job: Job, _ outcome: JobOutcome) async {
        var pause = Duration.seconds(1)
        repeat {
            do throws(StoreError) {
                try await heads.changing(job.head) { () throws(StoreError) in
                    _ = try await store.finishJob(job.id, outcome, event: .ended(outcome.state))
                }
                signal.changed(job.id)
                // The files of a dataset that retains none are gone by now.
                return await store.reclaimSpace()
            } catch {
                switch error {
                case .jobEnded, .unknownJob, .closed: return
                case .tooLarge:
                    return await finish(job, .failed(reason: "\(error)"))
                default: break
                }
                options.logger.error("the end of job \(job.id) cannot be saved, trying again: \(error)")
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(30))
            }
        } while !isStopped
    }
}

extension JobOutcome {
    var state: JobState {
        switch self {
        case .succeeded: .succeeded
        case .failed: .failed
        case .cancelled: .cancelled
        }
    }
}
