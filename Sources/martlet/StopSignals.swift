import Dispatch
import Foundation
import Synchronization

/// SIGTERM and SIGINT as something to wait for; the second one ends the process at once.
///
/// `@unchecked Sendable`: the sources are only kept alive; Dispatch's own may be released on any thread.
final class StopSignals: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]
    /// Ends at the first signal.
    private let stop: Task<Void, Never>

    /// Returns when signals are seen, early ones too. Dispatch takes their default actions away.
    init() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        stop = Task { for await _ in stream { return } }
        let queue = DispatchQueue(label: "martlet.signals")
        let received = SignalCount()
        let numbers = [SIGTERM, SIGINT]
        sources = numbers.map { DispatchSource.makeSignalSource(signal: $0, queue: queue) }
        for (source, number) in zip(sources, numbers) {
            let take = { @Sendable in
                if received.increment() > 1 { _exit(128 + number) }
                continuation.yield()
            }
            source.setEventHandler(handler: take)
            await withCheckedContinuation { registered in
                source.setRegistrationHandler {
                    if EarlySignals.hasCome(number) { take() }
                    registered.resume()
                }
                source.resume()
            }
        }
    }

    /// Returns at the first signal, at once where it has come.
    func first() async { await stop.value }

    /// Runs `body`, whose task the first signal cancels.
    func cancelling<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let work = Task { try await body() }
        Task { [stop] in
            await stop.value
            work.cancel()
        }
        return try await work.value
    }
}

private final class SignalCount: Sendable {
    private let count = Atomic(0)
    func increment() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
