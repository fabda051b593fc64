import Synchronization

/// How many bytes of content all connections of a server may hold at once.
///
/// Bytes count when they arrive: announcing them costs a client nothing, and must not lock others out. Nor may those who
/// send slowly: one network has its share, and a body that has been arriving for long gives way where there is no room.
final class ByteBudget: Sendable {
    /// A connection, as far as the budget knows it.
    final class Holder: Sendable {
        /// `nil` where it has no share of its own.
        let network: ClientNetwork?
        let giveWay: @Sendable () -> Void

        /// - Parameter giveWay: asks for the end of a request whose bytes do not count any more.
        init(network: ClientNetwork?, giveWay: @escaping @Sendable () -> Void) {
            (self.network, self.giveWay) = (network, giveWay)
        }
    }

    private struct Holding {
        let holder: Holder
        let since: ContinuousClock.Instant
        var count = 0
        var isArriving = true
        /// Has given way.
        var isOver = false
    }

    private struct State {
        var taken = 0
        var takenBy: [ClientNetwork: Int] = [:]
        var holdings: [ObjectIdentifier: Holding] = [:]
    }

    private let limit: Int
    private let limitPerNetwork: Int
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limitPerNetwork: how many of them one network's connections may hold.
    ///   - patience: how long a body may arrive before it gives way.
    init(limit: Int, limitPerNetwork: Int, patience: Duration) {
        (self.limit, self.limitPerNetwork, self.patience) = (limit, limitPerNetwork, patience)
    }

    convenience init(_ configuration: HTTPServerConfiguration) {
        let limit = configuration.maximumBufferedBytes
        self.init(
            limit: limit, limitPerNetwork: max(limit / 4, configuration.maximumBodyBytes),
            patience: configuration.bodyTimeout)
    }

    /// Takes `count` more bytes of one request.
    ///
    /// - Parameter isWhole: whether they are its last.
    /// - Throws: 503 where that would be over a limit, or the request had to give way; nothing is taken then.
    func take(_ count: Int, for holder: Holder, isWhole: Bool) throws(ProtocolError) {
        guard count > 0 || isWhole else { return }
        let (isTaken, evicted) = state.withLock { state -> (Bool, [Holder]) in
            let key = ObjectIdentifier(holder)
            var holding = state.holdings[key] ?? Holding(holder: holder, since: .now)
            let ofNetwork = holder.network.map { state.takenBy[$0, default: 0] } ?? 0
            guard !holding.isOver, holder.network == nil || count <= limitPerNetwork - ofNetwork else {
                return (false, [])
            }
            let evicted = makeRoom(for: count, besides: key, &state)
            guard count <= limit - state.taken else { return (false, evicted) }
            holding.count += count
            holding.isArriving = !isWhole
            state.holdings[key] = holding
            state.taken += count
            if let network = holder.network { state.takenBy[network] = ofNetwork + count }
            return (true, evicted)
        }
        for holder in evicted { holder.giveWay() }
        guard isTaken else { throw exhausted }
    }

    /// - Throws: 503 where `count` more bytes would be over a limit now.
    func checkRoom(for count: Int, _ holder: Holder) throws(ProtocolError) {
        let hasRoom = state.withLock { state in
            let ofNetwork = holder.network.map { state.takenBy[$0, default: 0] } ?? 0
            guard holder.network == nil || count <= limitPerNetwork - ofNetwork else { return false }
            let key = ObjectIdentifier(holder)
            return count <= limit - state.taken
                || count <= limit - state.taken + yielding(state, besides: key).reduce(0) { $0 + $1.value.count }
        }
        guard hasRoom else { throw exhausted }
    }

    /// Gives back all that a request has taken.
    func giveBack(_ holder: Holder) {
        state.withLock { state in
            guard let holding = state.holdings.removeValue(forKey: ObjectIdentifier(holder)) else { return }
            release(holding, &state)
        }
    }

    /// Has the bodies that have been arriving for longest give way, where that makes the room.
    private func makeRoom(for count: Int, besides key: ObjectIdentifier, _ state: inout State) -> [Holder] {
        guard count > limit - state.taken else { return [] }
        let yielding = yielding(state, besides: key).sorted { $0.value.since < $1.value.since }
        guard count <= limit - state.taken + yielding.reduce(0, { $0 + $1.value.count }) else { return [] }
        var evicted: [Holder] = []
        for (key, holding) in yielding {
            guard count > limit - state.taken else { break }
            release(holding, &state)
            state.holdings[key]?.count = 0
            state.holdings[key]?.isOver = true
            evicted.append(holding.holder)
        }
        return evicted
    }

    private func yielding(_ state: State, besides key: ObjectIdentifier) -> [ObjectIdentifier: Holding] {
        let latest = ContinuousClock.now - patience
        return state.holdings.filter {
            $0.value.isArriving && !$0.value.isOver && $0.value.since < latest && $0.key != key
        }
    }

    private func release(_ holding: Holding, _ state: inout State) {
        state.taken -= holding.count
        guard let network = holding.holder.network, let count = state.takenBy[network] else { return }
        state.takenBy[network] = count > holding.count ? count - holding.count : nil
    }

    var exhausted: ProtocolError {
        ProtocolError(
            .serviceUnavailable, .buffersFull,
            "the requests now arriving already hold the \(limit) bytes they may; try again",
            retryAfter: 1)
    }
}
