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
            goes on at the next start. SIGHUP looks at the folder of models again and retries what could not be loaded.
            """)

    @OptionGroup var http: HTTPOptions

    @OptionGroup var models: ModelOptions

    @OptionGroup var storage: StoreOptions

    @Option(
        help: ArgumentHelp("The model a request gets that names none. Default: the first by name.", valueName: "name"))
    var defaultModel: String?

    @Option(
        help: ArgumentHelp(
            "Seconds between two looks at the folder of models, whose changes are loaded; 0 looks only at SIGHUP.",
            valueName: "s"))
    var watchInterval = 1.0

    @Option(
        help: ArgumentHelp(
            """
            Megabytes for all models; beyond, the one not asked for the longest is unloaded. Room is made after a load, \
            so that for a moment the new model comes on top. 0: no limit.
            """,
            valueName: "MB"))
    var memoryBudget = 0

    @OptionGroup var engine: EngineOptions

    @Option(
        help: ArgumentHelp("Images that may wait for the network before requests are refused with 429.", valueName: "n")
    )
    var queueCapacity = 256

    @Option(
        help: ArgumentHelp(
            "Milliseconds that a request may wait for its answer where it does not say itself (timeout_ms).",
            valueName: "ms"))
    var timeout = 30_000

    @Option(
        name: .customLong("cache"),
        help: ArgumentHelp("Megabytes of results kept for images that come again; 0 keeps none.", valueName: "MB"))
    var cacheMegabytes = 0

    @Option(
        help: ArgumentHelp(
            "Seconds to go on serving when asked to stop, so that load balancers see in time that it is not ready.",
            valueName: "s"))
    var drainDelay = 0.0

    @Option(help: ArgumentHelp("Seconds to finish what is in flight when stopping.", valueName: "s"))
    var gracePeriod = 10

    @Option(help: "How much to log on standard error; refused requests are logged at debug.")
    var logLevel = LogLevel.info

    @Option(
        name: .customLong("try"), help: ArgumentHelp("The image in the curl line printed at start.", valueName: "file"))
    var sample = "photo.jpg"

    func validate() throws {
        guard queueCapacity > 0 else {
            throw ValidationError("--queue-capacity must be positive, found \(queueCapacity)")
        }
        guard watchInterval == 0 || (0.1...86_400).contains(watchInterval) else {
            throw ValidationError("--watch-interval must be 0, or from 0.1 to 86400 seconds, found \(watchInterval)")
        }
        guard (0...1 << 30).contains(memoryBudget) else {
            throw ValidationError("--memory-budget must be from 0 to \(1 << 30) megabytes, found \(memoryBudget)")
        }
        guard (1...3_600_000).contains(timeout) else {
            throw ValidationError("--timeout must be from 1 to 3600000 milliseconds, found \(timeout)")
        }
        guard (0...1 << 20).contains(cacheMegabytes) else {
            throw ValidationError("--cache must be from 0 to 1048576 megabytes, found \(cacheMegabytes)")
        }
        guard (0...3600).contains(drainDelay) else {
            throw ValidationError("--drain-delay must be from 0 to 3600 seconds, found \(drainDelay)")
        }
        guard gracePeriod >= 0 else {
            throw ValidationError("--grace-period must not be negative, found \(gracePeriod)")
        }
    }

    func run() async throws {
        csystem_return_memory_early()
        let start = ContinuousClock.now
        var logger = Logger(label: "martlet", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = logLevel.level
        let (kernels, pool) = (try engine.kernels(), engine.pool())
        var options = ModelRepository.Options(kernels: kernels)
        (options.pool, options.plan, options.logger) = (pool, engine.plan, logger)
        options.memoryBudget = memoryBudget > 0 ? memoryBudget << 20 : nil
        options.returnMemory = { csystem_return_memory() }
        options.check = { model in _ = try model.preprocessing() }
        async let opening = storage.open()
        let repository = try ModelRepository(directory: models.models, defaultModel: defaultModel, options: options)
        let service = ImageService(
            repository: repository,
            queue: InferenceQueue(capacity: queueCapacity, pool: pool, cacheBytes: cacheMegabytes << 20),
            defaultTimeout: .milliseconds(timeout))
        let store = try await opening
        let teaching = teaching(store, service, logger)
        let api = MartletAPI(backend: Backend(service), teaching: teaching, logger: logger)
        var configuration = http.configuration(cores: AvailableCores.processors)
        configuration.refusal = api.refusal
        let server = HTTPServer(configuration: configuration, logger: logger) { await api.respond(to: $0) }
        let signals = await StopSignals()
        let address = try server.start()
        await teaching.jobs.start()
        if watchInterval > 0 { repository.watch(every: .seconds(watchInterval)) }
        let reload = ReloadSignal { [logger] in
            logger.notice("SIGHUP: looking at the models again")
            repository.reload()
        }
        let idleMemory = Task { await IdleMemory.watch(service) }
        defer { idleMemory.cancel() }
        announce(address, repository, store: storage.store, pool, kernels, after: .now - start)
        await signals.first()
        withExtendedLifetime(reload) {}
        api.beginDraining()
        if drainDelay > 0 {
            logger.notice("asked to stop: not ready any more, serving for another \(drainDelay) s")
            try await Task.sleep(for: .seconds(drainDelay))
        }
        logger.notice("stopping: finishing the requests in flight (at most \(gracePeriod) s)")
        // Together: who follows a job is a request in flight.
        async let jobs: Void = teaching.jobs.stop(within: .seconds(gracePeriod))
        await server.stop(gracePeriod: .seconds(gracePeriod))
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
