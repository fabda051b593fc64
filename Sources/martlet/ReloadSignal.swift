import Dispatch
import Foundation

/// SIGHUP as something that is done each time.
///
/// `@unchecked Sendable`: the source is only kept alive.
final class ReloadSignal: @unchecked Sendable {
    private let source: any DispatchSourceSignal

    /// Returns when signals are seen.
    init(_ action: @escaping @Sendable () -> Void) async {
        signal(SIGHUP, SIG_IGN)  // the source sees it all the same; the default action would end the process
        source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "martlet.reload"))
        source.setEventHandler(handler: action)
        await withCheckedContinuation { registered in
            source.setRegistrationHandler { registered.resume() }
            source.resume()
        }
    }
}
