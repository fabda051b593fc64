import CSystem
import Compute
import Foundation
import HTTPServer
import Inference
import Logging
import MartletAPI
import Persistence
import Service

/// A server before its first thread: what only one thread can do is done.
struct PreparedServer {
    let options: Serve
    let listeners: [Listener]
    let notifier: ServiceNotifier
    private let signals: CaughtSignals

    /// Takes what the supervisor hands over, and enters the sandbox.
    ///
    /// - Parameter given: the names of the options that are not at their defaults by themselves.
    init(_ options: Serve, given: Set<String>, _ signals: CaughtSignals) throws {
        (self.options, self.signals) = (options, signals)
        // Who reads the log may go.
        signal(SIGPIPE, SIG_IGN)
        notifier = ServiceNotifier()
        let inherited = try ActivatedSockets.take()
        listeners = try options.listen.listeners(inherited, options.tls.configuration)
        let unused = ["host", "port"].filter { !inherited.sockets.isEmpty && given.contains($0) }
        if !unused.isEmpty {
            options.process.logger.warning(
                "\(unused.map { "--\($0)" }.joined(separator: " and ")) without effect: the sockets are inherited (LISTEN_FDS)"
            )
        }
        try options.enterSandbox(listening: listeners)
        // Those that compute, those of tasks, those of the queues of connections and handshakes, and some that wait for files,
        // events and batches.
        try ThreadLimit.check(
            (options.engine.threads ?? AvailableCores.count) + ProcessInfo.processInfo.activeProcessorCount
                + AvailableCores.processors * 3 / 2 + 8)
    }

    /// Serves until it is asked to stop, which may be before it serves.
    func run() async throws {
        let signals = ProcessSignals(signals)
        let server: StartedServer
        do { server = try await signals.cancelling { try await start() } } catch is CancellationError {
            return options.process.logger.notice("asked to stop before it served")
        }
        try await server.serve(until: signals)
    }

    /// Listens when the models are loaded and checked. Clients that come before the store is open, which a server that
    /// stops may still have, wait in the kernel's queue.
    ///
    /// - Throws: also `CancellationError`.
    private func start() async throws -> StartedServer {
        csystem_return_memory_early()
        let (start, logger) = (ContinuousClock.now, options.process.logger)
        let (kernels, pool) = (try options.engine.kernels(), options.engine.pool())
        let repository = try repository(kernels, pool, logger)
        try Task.checkCancellation()
        let service = service(repository, pool)
        var configuration = HTTPServerConfiguration(listeners: listeners)
        options.limits.apply(to: &configuration)
        // What the process may use, which under a CPU quota is less than the machine has.
        configuration.loops = AvailableCores.processors
        // The models may have taken the memory of those that are still to come.
        try ThreadLimit.check(ProcessInfo.processInfo.activeProcessorCount + 4)
        // What may be wrong comes before the store, which another server may have that ends for this one.
        let keys = try options.access.keyRing(beside: options.storage.store, logger: logger)
        let sockets = try configuration.listen()
        try options.endSetup()
        let store = try await options.waiting.open(options.storage, logger)
        await keys.look()
        let teaching = teaching(store, service, logger)
        options.access.warnOfUnusedRate(keys, logger: logger)
        let api = MartletAPI(
            backend: Backend(service), teaching: teaching,
            access: options.access.access(keys, listeners),
            imageLimit: options.limits.maxImages, logger: logger)
        configuration.admission = api.admit
        configuration.refusal = api.refusal
        let server = HTTPServer(configuration: configuration, logger: logger) { await api.respond(to: $0) }
        api.observe(server)
        let addresses = try server.start(on: sockets)
        for (listener, address) in zip(listeners, addresses) {
            logger.info("listens on \(address) (\(listener.name)\(listener.tls == nil ? "" : ", TLS"))")
            keys.warnIfOpen(address, logger: logger)
        }
        await teaching.jobs.start()
        let watchInterval = options.serving.watchInterval
        if watchInterval > 0 { repository.watch(every: .seconds(watchInterval)) }
        let announced = zip(listeners, addresses).first { $0.0.name == "public" }
        return StartedServer(
            options: options.process, logger: logger, notifier: notifier, server: server, api: api, keys: keys,
            repository: repository, service: service, jobs: teaching.jobs, store: store
        ) { [options] in
            options.announce(announced, hasKeys: keys.isInForce, repository, pool, kernels, after: .now - start)
        }
    }

    private func repository(_ kernels: KernelTable, _ pool: ComputePool, _ logger: Logger) throws -> ModelRepository {
        var options = ModelRepository.Options(kernels: kernels)
        let budget = self.options.serving.memoryBudget
        (options.pool, options.plan, options.logger) = (pool, self.options.engine.plan, logger)
        options.memoryBudget = budget > 0 ? budget << 20 : nil
        options.returnMemory = { csystem_return_memory() }
        options.check = { model in _ = try model.preprocessing() }
        return try ModelRepository(
            directory: self.options.models.models, defaultModel: self.options.serving.defaultModel, options: options)
    }

    private func service(_ repository: ModelRepository, _ pool: ComputePool) -> ImageService {
        let queue = options.queue
        return ImageService(
            repository: repository,
            queue: InferenceQueue(
                capacity: queue.queueCapacity, pool: pool, cacheBytes: queue.cacheMegabytes << 20),
            limits: options.limits.images, defaultTimeout: .milliseconds(queue.timeout))
    }

    private func teaching(_ store: SQLiteStore, _ service: ImageService, _ logger: Logger) -> Teaching {
        var options = FineTuneJobs.Options()
        options.logger = logger
        return Teaching(store: store, networks: service, options: options)
    }
}
