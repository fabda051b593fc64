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

    /// Takes what the supervisor hands over, and enters the sandbox.
    init(_ options: Serve) throws {
        self.options = options
        notifier = ServiceNotifier()
        listeners = try options.listen.listeners(ActivatedSockets.take(), options.tls.configuration)
        try options.enterSandbox(listening: listeners)
    }

    /// Serves until it is asked to stop.
    ///
    /// Listens when the models are loaded and checked. Clients that come before the store is open, which a server that stops
    /// may still have, wait in the kernel's queue.
    func run() async throws {
        csystem_return_memory_early()
        let (start, logger, process) = (ContinuousClock.now, options.process.logger, options.process)
        let (kernels, pool) = (try options.engine.kernels(), options.engine.pool())
        let repository = try repository(kernels, pool, logger)
        let service = service(repository, pool)
        var configuration = HTTPServerConfiguration(listeners: listeners)
        options.limits.apply(to: &configuration)
        // What the process may use, which under a CPU quota is less than the machine has.
        configuration.loops = AvailableCores.processors
        let sockets = try configuration.listen()
        try options.endSetup()
        let store = try await options.waiting.open(options.storage, logger)
        let teaching = teaching(store, service, logger)
        let keys = try options.access.keyRing(beside: options.storage.store, logger: logger)
        let api = MartletAPI(
            backend: Backend(service), teaching: teaching,
            access: options.access.access(keys, listeners, logger: logger),
            imageLimit: options.limits.maxImages, logger: logger)
        configuration.refusal = api.refusal
        let server = HTTPServer(configuration: configuration, logger: logger) { await api.respond(to: $0) }
        api.observe(server)
        let signals = await StopSignals()
        let addresses = try server.start(on: sockets)
        for address in addresses { keys.warnIfOpen(address, logger: logger) }
        await teaching.jobs.start()
        let watchInterval = options.serving.watchInterval
        if watchInterval > 0 { repository.watch(every: .seconds(watchInterval)) }
        let reload = await ReloadSignal {
            logger.notice("SIGHUP: looking at the models, keys and certificates again")
            notifier.reloading()
            repository.reload()
            keys.reload()
            do { try server.reloadCertificates() } catch {
                logger.error("the certificates stay as they were: \(error)")
            }
            notifier.ready()
        }
        let idleMemory = Task { await IdleMemory.watch(service) }
        let keyWatch = Task { await keys.watch() }
        defer {
            idleMemory.cancel()
            keyWatch.cancel()
        }
        notifier.ready()
        options.announce(Array(zip(listeners, addresses)).first, repository, pool, kernels, after: .now - start)
        await signals.first()
        withExtendedLifetime(reload) {}
        api.beginDraining()
        notifier.stopping()
        if process.drainDelay > 0 {
            logger.notice("asked to stop: not ready any more, serving for another \(process.drainDelay) s")
            try await Task.sleep(for: .seconds(process.drainDelay))
        }
        logger.notice("stopping: finishing the requests in flight (at most \(process.gracePeriod) s)")
        // Together: who follows a job is a request in flight.
        async let jobs: Void = teaching.jobs.stop(within: .seconds(process.gracePeriod))
        await server.stop(gracePeriod: .seconds(process.gracePeriod))
        await jobs
        service.stop()
        try await store.close()
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
