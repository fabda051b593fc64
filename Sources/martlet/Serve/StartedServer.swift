import HTTPServer
import Inference
import Logging
import MartletAPI
import Persistence
import Service

/// A server that answers.
struct StartedServer: Sendable {
    let options: ProcessOptions
    let logger: Logger
    let notifier: ServiceNotifier
    let server: HTTPServer
    let api: MartletAPI
    let keys: KeyRing
    let repository: ModelRepository
    let service: ImageService
    let jobs: FineTuneJobs
    let store: SQLiteStore
    /// Says where it is.
    let announce: @Sendable () -> Void

    /// Serves until a signal asks it to stop, and stops.
    func serve(until signals: ProcessSignals) async throws {
        let reloading = Task { for await _ in signals.reloads { await reload() } }
        let idleMemory = Task { await IdleMemory.watch(service) }
        let keyWatch = Task { await keys.watch() }
        defer {
            reloading.cancel()
            idleMemory.cancel()
            keyWatch.cancel()
        }
        notifier.ready()
        announce()
        await signals.stopped()
        api.beginDraining()
        notifier.stopping()
        if options.drainDelay > 0 {
            logger.notice("asked to stop: not ready any more, serving for another \(options.drainDelay) s")
            try await Task.sleep(for: .seconds(options.drainDelay))
        }
        try await stop()
    }

    private func reload() async {
        logger.notice("SIGHUP: looking at the models, keys and certificates again")
        notifier.reloading()
        await repository.reload()
        await keys.reload()
        do { try server.reloadCertificates() } catch {
            logger.error("the certificates stay as they were: \(error)")
        }
        notifier.ready()
    }

    private func stop() async throws {
        logger.notice("stopping: finishing the requests in flight (at most \(options.gracePeriod) s)")
        // Together: who follows a job is a request in flight.
        async let stopped: Void = jobs.stop(within: .seconds(options.gracePeriod))
        await server.stop(gracePeriod: .seconds(options.gracePeriod))
        await stopped
        service.stop()
        try await store.close()
    }
}
