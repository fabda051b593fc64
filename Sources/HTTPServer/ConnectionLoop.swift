import Dispatch
import Logging
import Synchronization

/// A serial queue and the connections that live on it. Nothing here is touched from anywhere else.
///
/// `@unchecked Sendable`: its state is confined to `queue`.
final class ConnectionLoop: @unchecked Sendable {
    let queue: DispatchQueue
    let executor: LoopExecutor
    let poller: Poller
    let configuration: HTTPServerConfiguration
    let handler: Handler
    let logger: Logger
    let bodyBudget: ByteBudget
    let counters: Counters
    /// One for all connections of the loop, so that an idle connection holds no memory for reading.
    var readBuffer = [UInt8](repeating: 0, count: 64 << 10)
    var encoder = ResponseEncoder()
    var recentHeads = RecentHeads()
    /// No connection takes another request.
    private(set) var isDraining = false
    /// Nor does one wait for a request.
    private(set) var isDrained = false
    private var connections: [ObjectIdentifier: Connection] = [:]
    private static let minimumIdleness = Duration.seconds(1)
    private static let drainTime = DispatchTimeInterval.seconds(1)
    private let closed: @Sendable (IncomingConnection, CloseReason) -> Void
    private var timer: (any DispatchSourceTimer)?

    /// - Parameter closed: called after each connection's end, on the loop's queue.
    init(
        name: String, configuration: HTTPServerConfiguration, bodyBudget: ByteBudget, counters: Counters,
        logger: Logger, handler: @escaping Handler,
        closed: @escaping @Sendable (IncomingConnection, CloseReason) -> Void
    ) throws(SocketError) {
        queue = DispatchQueue(label: name, qos: .userInitiated)
        executor = LoopExecutor(queue: queue)
        poller = try Poller(queue: queue)
        self.configuration = configuration
        self.bodyBudget = bodyBudget
        self.counters = counters
        self.logger = logger
        self.handler = handler
        self.closed = closed
    }

    /// One timer for all time-outs: a connection is ended up to one interval late.
    func start() {
        let timeouts = [
            configuration.headTimeout, configuration.bodyTimeout, configuration.idleTimeout, configuration.writeTimeout,
        ]
        let shortest = (timeouts.min() ?? .seconds(1)) / .milliseconds(1)
        let interval = DispatchTimeInterval.milliseconds(min(1000, max(10, Int(shortest / 4))))
        queue.async { [self] in
            let timer = DispatchSource.makeTimerSource(queue: queue)
            timer.schedule(deadline: .now() + interval, repeating: interval)
            timer.setEventHandler { [weak self] in self?.endLateConnections() }
            timer.resume()
            self.timer = timer
        }
    }

    func add(_ incoming: IncomingConnection) {
        queue.async { [self] in
            let connection = Connection(incoming, loop: self)
            connections[ObjectIdentifier(connection)] = connection
            connection.start()
        }
    }

    func remove(_ connection: Connection, _ reason: CloseReason) {
        connections[ObjectIdentifier(connection)] = nil
        closed(connection.incoming, reason)
    }

    /// Ends the `count` connections that have been without a request for longest, except where that is so short that the
    /// client may just be sending the first or next one.
    ///
    /// - Parameter completion: gets whether there were any.
    func closeLongestIdle(_ count: Int, completion: @escaping @Sendable (Bool) -> Void) {
        queue.async { [self] in
            let latest = ContinuousClock.now - Self.minimumIdleness
            var idle: [(since: ContinuousClock.Instant, connection: Connection)] = []
            for connection in connections.values {
                if let since = connection.idleSince, since <= latest { idle.append((since, connection)) }
            }
            idle.sort { $0.since < $1.since }
            for (_, connection) in idle.prefix(count) { connection.closeIfIdle(since: latest, .madeRoom) }
            completion(!idle.isEmpty)
        }
    }

    /// Ends idle connections now, those whose client may just be sending a request in a second unless it, or the head of a
    /// long one, has come by then, and the others after the answer they wait for.
    func drain() {
        queue.async { [self] in
            isDraining = true
            let longAgo = ContinuousClock.now - Self.minimumIdleness
            for connection in connections.values { connection.closeIfIdle(since: longAgo, .stopped) }
        }
        queue.asyncAfter(deadline: .now() + Self.drainTime) { [self] in
            isDrained = true
            for connection in connections.values {
                connection.endStream()
                connection.closeIfWaiting()
            }
        }
    }

    /// Ends all connections now.
    ///
    /// - Parameter completion: gets how many requests were cut off.
    func stop(completion: @escaping @Sendable (Int) -> Void) {
        queue.async { [self] in
            for connection in connections.values { connection.endStream() }
            completion(connections.values.count(where: \.isInRequest))
            for connection in connections.values { connection.close(.stopped) }
            timer?.cancel()
            timer = nil
        }
    }

    private func endLateConnections() {
        let now = ContinuousClock.now
        for connection in connections.values { connection.endIfLate(now) }
    }
}
