import Dispatch
import Foundation

/// SIGHUP as something that is done each time, one after another.
///
/// `@unchecked Sendable`: the source is only kept alive.
final class ReloadSignal: @unchecked Sendable {
    private let source: any DispatchSourceSignal
    private let work: Task<Void, Never>

    /// Returns when signals are seen, early ones too.
    init(_ action: @escaping @Sendable () async -> Void) async {
        // One that comes while the action runs has it run once more.
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        work = Task { for await _ in stream { await action() } }
        source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "martlet.reload"))
        source.setEventHandler { continuation.yield() }
        await withCheckedContinuation { registered in
            source.setRegistrationHandler {
                if EarlySignals.hasCome(SIGHUP) { continuation.yield() }
                registered.resume()
            }
            source.resume()
        }
    }

    deinit { work.cancel() }
}
