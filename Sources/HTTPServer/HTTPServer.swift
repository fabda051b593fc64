import Logging
import Synchronization

/// An HTTP/1.1 server on sockets and Dispatch (RFC 9110, RFC 9112).
///
/// One queue accepts for all listeners; each connection is confined to one of a few serial queues. Handlers are `async` and must not
/// block.
public final class HTTPServer: Sendable {
    private final class Running: Sendable {
        let acceptor: Acceptor
        let loops: [ConnectionLoop]

        init(_ acceptor: Acceptor, _ loops: [ConnectionLoop]) {
            self.acceptor = acceptor
            self.loops = loops
        }
    }

    private let configuration: HTTPServerConfiguration
    private let logger: Logger
    private let handler: Handler
    private let running = AtomicLazyReference<Running>()
    private let connections = Atomic(0)

    public init(configuration: HTTPServerConfiguration, logger: Logger, handler: @escaping Handler) {
        self.configuration = configuration
        self.logger = logger
        let refusal = configuration.refusal
        self.handler = { request in
            // RFC 9110 section 13.1.1: only what is read has an entity tag here; who would change the version of one
            // changes nothing.
            if request.head.method.changesState, let condition = request.head.headerFields[.ifMatch], condition != "*" {
                return refusal(
                    ProtocolError(.preconditionFailed, .preconditionFailed, "what the request names has no entity tag"))
            }
            return await handler(request).selected(for: request.head, refusal: refusal)
        }
    }

    deinit {
        guard let running = running.load() else { return }
        // In this order: a connection accepted last must not come to a loop that has stopped.
        running.acceptor.stop { for loop in running.loops { loop.stop { _ in } } }
    }

    /// How many connections are open.
    public var openConnections: Int { connections.load(ordering: .relaxed) }

    /// Listens, and returns the addresses that clients can connect to, one for each listener. A server is started once.
    ///
    /// - Throws: ``ConfigurationError``, ``SocketError``.
    public func start() throws -> [SocketAddress] {
        try configuration.validate()
        let listeners = try configuration.listeners.map { (try ListeningSocket($0), ListenerState($0)) }
        let bodyBudget = ByteBudget(limit: configuration.maximumBufferedBytes)
        let loops = (0..<max(1, configuration.loops)).map { index in
            ConnectionLoop(
                name: "martlet.connections.\(index)", configuration: configuration, bodyBudget: bodyBudget,
                logger: logger, handler: handler
            ) { [weak self] in self?.connectionClosed() }
        }
        for loop in loops { loop.start() }
        let next = Atomic(0)
        let acceptor = Acceptor(
            listeners: listeners, maximumConnections: maximumConnections(), logger: logger,
            full: { for loop in loops { loop.closeLongestIdle() } }
        ) { [weak self] connection in
            self?.connections.wrappingAdd(1, ordering: .relaxed)
            let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
            loops[Int(UInt(bitPattern: turn) % UInt(loops.count))].add(connection)
        }
        let running = Running(acceptor, loops)
        precondition(self.running.storeIfNil(running) === running, "a server is started once")
        defer { acceptor.start() }
        return listeners.map(\.0.address)
    }

    /// Takes no new connections, lets requests in flight be answered, and ends what is left after `gracePeriod`. A request
    /// that is still arriving has a second to come whole.
    public func stop(gracePeriod: Duration) async {
        guard let running = running.load() else { return }
        await withCheckedContinuation { stopped in running.acceptor.stop { stopped.resume() } }
        for loop in running.loops { loop.drain() }
        await waitForConnections(atMost: gracePeriod)
        var cutOff = 0
        for loop in running.loops {
            cutOff += await withCheckedContinuation { stopped in loop.stop { stopped.resume(returning: $0) } }
        }
        if cutOff > 0 {
            logger.warning("requests cut off unanswered at the end of the grace period of \(gracePeriod): \(cutOff)")
        }
        await waitForConnections(atMost: .seconds(1))
    }

    private func maximumConnections() -> Int {
        let wanted = configuration.maximumConnections
        guard let limit = DescriptorLimit.raise() else { return wanted }
        let possible = DescriptorLimit.connections(wanted, under: limit)
        if possible < wanted {
            logger.warning(
                "at most \(possible) connections instead of \(wanted): the process may have \(limit) open files (ulimit -n)"
            )
        }
        return possible
    }

    private func connectionClosed() {
        connections.wrappingSubtract(1, ordering: .relaxed)
        running.load()?.acceptor.connectionClosed()
    }

    private func waitForConnections(atMost limit: Duration) async {
        let end = ContinuousClock.now + limit
        while openConnections > 0, ContinuousClock.now < end {
            // A task that is cancelled does not sleep; nor does it wait.
            guard (try? await Task.sleep(for: .milliseconds(5))) != nil else { return }
        }
    }
}
