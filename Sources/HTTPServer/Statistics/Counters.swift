import Synchronization

/// Counts what happens to all connections of a server.
final class Counters: Sendable {
    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    private let closed = CloseReason.allCases.map { _ in Counter() }
    private let refused = RefusalReason.allCases.map { _ in Counter() }
    private let closedIndices = index(CloseReason.allCases)
    private let refusedIndices = index(RefusalReason.allCases)
    private let handshakes = Counter()
    private let resumedHandshakes = Counter()
    private let acceptPauses = Counter()

    func countEnd(_ reason: CloseReason) {
        if let index = closedIndices[reason] { closed[index].value.wrappingAdd(1, ordering: .relaxed) }
    }

    func countRefusal(_ reason: RefusalReason) {
        if let index = refusedIndices[reason] { refused[index].value.wrappingAdd(1, ordering: .relaxed) }
    }

    func countHandshake(resumed: Bool) {
        handshakes.value.wrappingAdd(1, ordering: .relaxed)
        if resumed { resumedHandshakes.value.wrappingAdd(1, ordering: .relaxed) }
    }

    func countAcceptPause() { acceptPauses.value.wrappingAdd(1, ordering: .relaxed) }

    func statistics(_ listeners: [ListenerState]) -> HTTPServerStatistics {
        var statistics = HTTPServerStatistics()
        for listener in listeners {
            statistics.accepted[listener.name, default: 0] += listener.accepted.load(ordering: .relaxed)
            statistics.open[listener.name, default: 0] += listener.open.load(ordering: .relaxed)
        }
        for (reason, index) in closedIndices {
            statistics.closed[reason] = closed[index].value.load(ordering: .relaxed)
        }
        for (reason, index) in refusedIndices {
            statistics.refused[reason] = refused[index].value.load(ordering: .relaxed)
        }
        statistics.handshakes = handshakes.value.load(ordering: .relaxed)
        statistics.resumedHandshakes = resumedHandshakes.value.load(ordering: .relaxed)
        statistics.acceptPauses = acceptPauses.value.load(ordering: .relaxed)
        return statistics
    }

    private static func index<Reason: Hashable>(_ reasons: [Reason]) -> [Reason: Int] {
        Dictionary(uniqueKeysWithValues: zip(reasons, reasons.indices))
    }
}
