import Dispatch
import Foundation

/// Signals as something to wait for, those too that came before.
///
/// `@unchecked Sendable`: the source is only kept alive.
final class ProcessSignals: @unchecked Sendable {
    private let source: any DispatchSourceRead
    /// Ends at the first signal to stop.
    private let stop: Task<Void, Never>
    /// Has an element for SIGHUP; one for all that come before it is taken.
    let reloads: AsyncStream<Void>

    init(_ caught: CaughtSignals) {
        let (stops, stopping) = AsyncStream.makeStream(of: Void.self)
        let (reloads, reloading) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.reloads = reloads
        stop = Task { for await _ in stops { return } }
        source = DispatchSource.makeReadSource(
            fileDescriptor: caught.descriptor, queue: DispatchQueue(label: "martlet.signals"))
        source.setEventHandler {
            while let number = caught.next() {
                if number == SIGHUP { reloading.yield() } else { stopping.yield() }
            }
        }
        source.resume()
    }

    /// Returns at the first signal to stop, at once where it has come.
    func stopped() async { await stop.value }

    /// Runs `body`, whose task the first signal to stop cancels.
    func cancelling<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let work = Task { try await body() }
        Task { [stop] in
            await stop.value
            work.cancel()
        }
        return try await work.value
    }
}
