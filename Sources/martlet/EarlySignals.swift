import Foundation
import Synchronization

/// Signals that come before somebody takes them. Their default action would end a server that only has to read its files
/// again, and there is none where the process is its container's first: it would never learn that it is to stop.
struct EarlySignals {
    private static let received = Atomic<UInt64>(0)

    /// What the signals did before.
    private let previous: [(Int32, __sighandler_t?)]

    /// Notes what comes from now on, until Dispatch's source of the signal puts its handler in the place of this one.
    init() {
        // Made here, for a handler could come while another thread makes it.
        Self.received.store(0, ordering: .relaxed)
        previous = [SIGTERM, SIGINT, SIGHUP].map { number in
            (number, signal(number) { EarlySignals.received.bitwiseOr(1 << UInt64($0), ordering: .relaxed) })
        }
    }

    /// Has them do what they did before, also those that have come.
    func release() {
        for (number, action) in previous {
            signal(number, action)
            if Self.hasCome(number) { raise(number) }
        }
    }

    static func hasCome(_ number: Int32) -> Bool {
        received.load(ordering: .relaxed) & (1 << UInt64(number)) != 0
    }
}
