import Logging
import Synchronization

/// An HTTP/1.1 server on sockets and Dispatch (RFC 9110, RFC 9112).
///
/// One queue accepts for all listeners; TLS handshakes have queues of their own; each connection is confined to one of a
/// few serial queues. Handlers are `async` and must not block.
public final class HTTPServer: Sendable {
    private final class Running: Sendable {
        let acceptor: Acceptor
        let listeners: [ListenerState]
        let handshakes: [HandshakeLoop]
        let loops: [ConnectionLoop]

        init(
            _ acceptor: Acceptor, _ listeners: [ListenerState], _ handshakes: [HandshakeLoop], _ loops: [ConnectionLoop]
        ) {
            (self.acceptor, self.listeners, self.handshakes, self.loops) = (acceptor, listeners, handshakes, loops)
        }

        /// A connection accepted last must not come to a loop that has stopped: first the acceptor stops, then this.
        func stopHandshakes() async {
            for loop in handshakes { await withCheckedContinuation { stopped in loop.stop { stopped.resume() } } }
        }

        func stopAccepting() async {
            await withCheckedContinuation { stopped in acceptor.stop { stopped.resume() } }
        }
    }

    private let configuration: HTTPServerConfiguration
    private let logger: Logger
    private let handler: Handler
    private let running = AtomicLazyReference<Running>()
    private let connections = Atomic(0)
    private let counters = Counters()
    private let certificates = Mutex<[ServerCertificate]>([])

    public init(configuration: HTTPServerConfiguration, logger: Logger, handler: @escaping Handler) {
        self.configuration = configuration
        self.logger = logger
        let refusal = { @Sendable [counters] (error: ProtocolError) in
            counters.countRefusal(error.reason)
            return configuration.refusal(error)
        }
        self.handler = { request in
            let response = await handler(request)
            guard request.choosesContent || response.variesByCoding else { return response }
            return await response.selected(for: request.head, refusal: refusal)
        }
    }

    deinit {
        guard let running = running.load() else { return }
        Task {
            await running.stopAccepting()
            await running.stopHandshakes()
            for loop in running.loops { loop.stop { _ in } }
        }
    }

    /// How many connections are open.
    public var openConnections: Int { connections.load(ordering: .relaxed) }

    public var statistics: HTTPServerStatistics {
        var statistics = counters.statistics(running.load()?.listeners ?? [])
        statistics.certificates = certificates.withLock { $0 }
        return statistics
    }

    /// Listens, and returns the addresses that clients can connect to, one for each listener. A server is started once.
    ///
    /// - Throws: ``ConfigurationError``, ``SocketError``, ``TLSError``.
    public func start() throws -> [SocketAddress] { try start(on: configuration.listen()) }

    /// As ``start()``, on sockets of the configuration that listen already.
    ///
    /// - Throws: ``SocketError``.
    public func start(on listening: ListeningSockets) throws -> [SocketAddress] {
        let (sockets, contexts) = (listening.sockets, listening.contexts)
        report(contexts)
        let openFiles = DescriptorLimit.raise()
        let watches = try WatchLimit()
        let listeners = configuration.listeners.map { ListenerState($0) }
        let loops = try connectionLoops()
        let next = Atomic(0)
        let add = { @Sendable (connection: IncomingConnection) in
            let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
            loops[Int(UInt(bitPattern: turn) % UInt(loops.count))].add(connection)
        }
        let handshakes = contexts.contains { $0 != nil } ? try handshakeLoops(finished: add) : []
        let possible = try maximumConnections(under: openFiles, queues: loops.count + handshakes.count)
        // Dispatch would not say so, and never tell of a client.
        let waited = sockets.map(\.descriptor) + loops.map(\.poller.set) + handshakes.map(\.poller.set)
        if let shortage = watches.shortage(waited) { throw SocketError.noPoller(reason: shortage) }
        // Clients are not led to a server that does not come to answer: nothing after this fails.
        for socket in sockets { try socket.publishFile() }
        let acceptor = Acceptor(
            listeners: zip(zip(sockets, listeners), contexts).map { ($0.0.0, $0.0.1, $0.1) },
            maximumConnections: possible, maximumPerNetwork: configuration.maximumConnectionsPerAddress,
            watches: watches, counters: counters, logger: logger, full: makeRoom(in: loops)
        ) { [weak self] connection, context in
            self?.connections.wrappingAdd(1, ordering: .relaxed)
            guard let context else { return add(connection) }
            handshakes[Int(UInt(bitPattern: Int(connection.descriptor)) % UInt(handshakes.count))].add(
                connection, context)
        }
        let running = Running(acceptor, listeners, handshakes, loops)
        precondition(self.running.storeIfNil(running) === running, "a server is started once")
        defer { acceptor.start() }
        return sockets.map(\.address)
    }

    private func connectionLoops() throws(SocketError) -> [ConnectionLoop] {
        let bodyBudget = ByteBudget(configuration)
        let loops = try (0..<max(1, configuration.loops)).map { index throws(SocketError) in
            try ConnectionLoop(
                name: "martlet.connections.\(index)", configuration: configuration, bodyBudget: bodyBudget,
                counters: counters, logger: logger, handler: handler
            ) { [weak self] in self?.connectionClosed($0, $1) }
        }
        for loop in loops { loop.start() }
        return loops
    }

    /// What has one of the loops close idle connections: another each time, as long as it has some.
    private func makeRoom(in loops: [ConnectionLoop]) -> @Sendable () -> Void {
        let count = max(1, configuration.maximumConnections / 100)
        let next = Atomic(0)
        @Sendable func ask(_ turn: Int, _ others: Int) {
            loops[Int(UInt(bitPattern: turn) % UInt(loops.count))].closeLongestIdle(count) { found in
                if !found, others > 0 { ask(turn &+ 1, others - 1) }
            }
        }
        return { ask(next.wrappingAdd(1, ordering: .relaxed).oldValue, loops.count - 1) }
    }

    /// Half as many as there are queues of connections: a flood of handshakes must leave them processors.
    private func handshakeLoops(
        finished: @escaping @Sendable (IncomingConnection) -> Void
    ) throws(SocketError) -> [HandshakeLoop] {
        let count = max(1, configuration.loops / 2)
        let loops = try (0..<count).map { [counters] _ throws(SocketError) in
            try HandshakeLoop(configuration: configuration, loops: count, logger: logger) { connection in
                if let session = connection.session { counters.countHandshake(resumed: session.wasResumed) }
                finished(connection)
            } failed: { [weak self] in
                self?.connectionClosed($0, $1)
            }
        }
        for loop in loops { loop.start() }
        return loops
    }

    /// Says of each certificate once, of however many listeners it is, until when it is valid.
    private func report(_ contexts: [TLSContext?]) {
        var known = Set<ServerCertificate>()
        let distinct = contexts.compactMap(\.self).flatMap(\.certificates).filter { known.insert($0).inserted }
        certificates.withLock { $0 = distinct }
        for certificate in distinct {
            let isLate = certificate.expiresSoon()
            let advice = isLate ? ": renew it, for with one that has expired no server starts" : ""
            logger.log(level: isLate ? .warning : .info, "\(certificate)\(advice)")
        }
    }

    /// Reads the files of certificates, keys and authorities again; connections accepted from then on are encrypted by
    /// them. Earlier sessions are not resumed.
    ///
    /// - Throws: ``TLSError`` where one of them is not in order; all listeners go on with what they had.
    public func reloadCertificates() throws(TLSError) {
        let contexts = try configuration.loadCertificates()
        report(contexts)
        running.load()?.acceptor.use(contexts)
    }

    /// Takes no new connections, lets requests that come within a second be answered, long ones whose head does, and ends
    /// what is left after `gracePeriod`.
    public func stop(gracePeriod: Duration) async {
        guard let running = running.load() else { return }
        await running.stopAccepting()
        for loop in running.handshakes { loop.drain() }
        for loop in running.loops { loop.drain() }
        await waitForConnections(atMost: gracePeriod)
        await running.stopHandshakes()
        var cutOff = 0
        for loop in running.loops {
            cutOff += await withCheckedContinuation { stopped in loop.stop { stopped.resume(returning: $0) } }
        }
        if cutOff > 0 {
            logger.warning("requests cut off unanswered at the end of the grace period of \(gracePeriod): \(cutOff)")
        }
        await waitForConnections(atMost: .seconds(1))
    }

    private func maximumConnections(under limit: Int?, queues: Int) throws(SocketError) -> Int {
        let wanted = configuration.maximumConnections
        guard let limit else { return wanted }
        let possible = try DescriptorLimit.connections(wanted, under: limit, queues: queues)
        if possible < wanted {
            logger.warning(
                "at most \(possible) connections instead of \(wanted): the process may have \(limit) open files (ulimit -n)"
            )
        }
        return possible
    }

    private func connectionClosed(_ connection: IncomingConnection, _ reason: CloseReason) {
        connections.wrappingSubtract(1, ordering: .relaxed)
        running.load()?.acceptor.connectionClosed(connection, reason)
    }

    private func waitForConnections(atMost limit: Duration) async {
        let end = ContinuousClock.now + limit
        while openConnections > 0, ContinuousClock.now < end {
            // A task that is cancelled does not sleep; nor does it wait.
            guard (try? await Task.sleep(for: .milliseconds(5))) != nil else { return }
        }
    }
}
