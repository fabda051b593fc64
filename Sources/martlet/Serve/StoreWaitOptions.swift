import ArgumentParser
import Logging
import Persistence
import Service

/// How a server waits for its store.
struct StoreWaitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Seconds to wait for another process to close the store, as one does that stops. Clients wait meanwhile.",
            valueName: "s"))
    var storeWait = 0.0

    func validate() throws {
        guard (0...3600).contains(storeWait) else {
            throw ValidationError("--store-wait must be from 0 to 3600 seconds, found \(storeWait)")
        }
    }

    /// Opens the store as soon as no other process has it open.
    func open(_ storage: StoreOptions, _ logger: Logger) async throws -> SQLiteStore {
        let end = ContinuousClock.now + .seconds(storeWait)
        var isWaiting = false
        while true {
            do throws(StoreError) { return try await storage.open() } catch {
                guard case .inUse = error, ContinuousClock.now < end else { throw error }
                if !isWaiting { logger.notice("waiting for at most \(storeWait) s: \(error)") }
                isWaiting = true
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
