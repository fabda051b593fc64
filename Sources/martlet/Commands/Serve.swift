import ArgumentParser
import CSystem
import Compute
import Dispatch
import Foundation
import HTTPServer
import Imaging
import Inference
import Logging
import MartletAPI
import Persistence
import Service

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the models over HTTP.",
        discussion:
            """
            On SIGTERM or SIGINT it is no longer ready (/health/ready answers 503), serves on for the drain delay, then \
            stops when the requests in flight are answered; a second signal ends it at once. A fine-tune job that runs then \
            goes on at the next start. SIGHUP looks at the folder of models again and retries what could not be loaded; it also \
            reads the key file again.
            """)

    @OptionGroup(title: "Configuration") var file: ConfigurationOptions

    @OptionGroup(title: "Listening") var listen: ListenOptions

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @OptionGroup(title: "Access") var access: AccessOptions

    @OptionGroup(title: "Models") var models: ModelOptions

    @OptionGroup(title: "Models") var serving: RepositoryOptions

    @OptionGroup(title: "Computing") var engine: EngineOptions

    @OptionGroup(title: "Waiting for the network") var queue: QueueOptions

    @OptionGroup(title: "Store") var storage: StoreOptions

    @OptionGroup(title: "Process") var process: ProcessOptions

    func run() async throws {
        csystem_return_memory_early()
        let start = ContinuousClock.now
        let logger = process.logger
        let (kernels, pool) = (try engine.kernels(), engine.pool())
        var options = ModelRepository.Options(kernels: kernels)
        (options.pool, options.plan, options.logger) = (pool, engine.plan, logger)
        options.memoryBudget = serving.memoryBudget > 0 ? serving.memoryBudget << 20 : nil
        options.returnMemory = { csystem_return_memory() }
        options.check = { model in _ = try model.preprocessing() }
        async let opening = storage.open()
        let repository = try ModelRepository(
            directory: models.models, defaultModel: serving.defaultModel, options: options)
        let service = ImageService(
            repository: repository,
            queue: InferenceQueue(
                capacity: queue.queueCapacity, pool: pool, cacheBytes: queue.cacheMegabytes << 20),
            limits: limits.images, defaultTimeout: .milliseconds(queue.timeout))
        let store = try await opening
        let teaching = teaching(store, service, logger)
        let listeners = [Listener(.tcp(host: listen.host, port: listen.port))]
        let keys = try access.keyRing(beside: storage.store, logger: logger)
        let api = MartletAPI(
            backend: Backend(service), teaching: teaching, access: access.access(keys, listeners, logger: logger),
            imageLimit: limits.maxImages, logger: logger)
        var configuration = HTTPServerConfiguration(listeners: listeners)
        limits.apply(to: &configuration)
        // What the process may use, which under a CPU quota is less than the machine has.
        configuration.loops = AvailableCores.processors
        configuration.refusal = api.refusal
        let server = HTTPServer(configuration: configuration, logger: logger) { await api.respond(to: $0) }
        api.observe(server)
        let signals = await StopSignals()
        let addresses = try server.start()
        for address in addresses { keys.warnIfOpen(address, logger: logger) }
        await teaching.jobs.start()
        if serving.watchInterval > 0 { repository.watch(every: .seconds(serving.watchInterval)) }
        let reload = ReloadSignal {
            logger.notice("SIGHUP: looking at the models and keys again")
            repository.reload()
            keys.reload()
        }
        let idleMemory = Task { await IdleMemory.watch(service) }
        let keyWatch = Task { await keys.watch() }
        defer {
            idleMemory.cancel()
            keyWatch.cancel()
        }
        announce(addresses, repository, store: storage.store, pool, kernels, after: .now - start)
        await signals.first()
        withExtendedLifetime(reload) {}
        api.beginDraining()
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

    private func teaching(_ store: SQLiteStore, _ service: ImageService, _ logger: Logger) -> Teaching {
        var options = FineTuneJobs.Options()
        options.logger = logger
        return Teaching(store: store, networks: service, options: options)
    }
}
