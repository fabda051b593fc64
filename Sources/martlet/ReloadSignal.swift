import Dispatch
import Foundation

/// SIGHUP as something that is done each time, one after another.
///
/// `@unchecked Sendable`: the source is only kept alive.
final class ReloadSignal: @unchecked Sendable {
    private let source: any DispatchSourceSignal
    private let work: Task<Void, Never>

    /// Has the signal do nothing: its default action would end the process.
    static func ignore() { signal(SIGHUP, SIG_IGN) }

    /// Returns when signals are seen.
    init(_ action: @escaping @Sendable () async -> Void) async {
        Self.ignore()  // the source sees it all the same
        // One that comes while the action runs has it run once more.
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        work = Task { for await _ in stream { await action() } }
        source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "martlet.reload"))
        source.setEventHandler { continuation.yield() }
        await withCheckedContinuation { registered in
            source.setRegistrationHandler { registered.resume() }
            source.resume()
        }
    }

    deinit { work.cancel() }
}
