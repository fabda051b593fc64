import Dispatch
import Logging

/// TLS handshakes under way, on a queue of their own: their arithmetic, and clients that stall in them, hold up no
/// connection.
///
/// `@unchecked Sendable`: its state is confined to `queue`.
final class HandshakeLoop: @unchecked Sendable {
    private static let drainTime = DispatchTimeInterval.seconds(1)

    let queue = DispatchQueue(label: "martlet.handshakes", qos: .userInitiated)
    let poller: Poller
    private let timeout: Duration
    private let logger: Logger
    private let maximumHandshakes: Int
    private let finished: @Sendable (IncomingConnection) -> Void
    private let failed: @Sendable (IncomingConnection, CloseReason) -> Void
    private var handshakes: [ObjectIdentifier: Handshake] = [:]
    /// Of each network, and of all clients that are not counted.
    private var handshakesOf: [ClientNetwork?: Int] = [:]
    private var timer: (any DispatchSourceTimer)?
    private var whenEmpty: (@Sendable () -> Void)?

    /// - Parameters:
    ///   - loops: how many there are; each has its share of the handshakes.
    ///   - finished: takes over a connection that is encrypted now, or is to be refused.
    ///   - failed: called after the end of one whose handshake came to nothing.
    init(
        configuration: HTTPServerConfiguration, loops: Int, logger: Logger,
        finished: @escaping @Sendable (IncomingConnection) -> Void,
        failed: @escaping @Sendable (IncomingConnection, CloseReason) -> Void
    ) throws(SocketError) {
        poller = try Poller(queue: queue)
        timeout = configuration.handshakeTimeout
        self.logger = logger
        maximumHandshakes = max(1, configuration.maximumHandshakes / loops)
        self.finished = finished
        self.failed = failed
    }

    func start() {
        let interval = DispatchTimeInterval.milliseconds(min(1000, max(10, Int(timeout / .milliseconds(4)))))
        queue.async { [self] in
            let timer = DispatchSource.makeTimerSource(queue: queue)
            timer.schedule(deadline: .now() + interval, repeating: interval)
            timer.setEventHandler { [weak self] in self?.endLateHandshakes() }
            timer.resume()
            self.timer = timer
        }
    }

    func add(_ incoming: IncomingConnection, _ context: TLSContext) {
        queue.async { [self] in
            if handshakes.count >= maximumHandshakes { makeRoom() }
            let handshake = Handshake(incoming, context, deadline: .now + timeout, loop: self)
            handshakes[ObjectIdentifier(handshake)] = handshake
            handshakesOf[incoming.network, default: 0] += 1
            handshake.start()
        }
    }

    /// Ends the handshake that is at it for longest, in the network with the most of them: a flood displaces itself. Those
    /// whose clients have sent nothing go first.
    private func makeRoom() {
        let candidates = handshakes.values.lazy.filter { !$0.isOver }.map { handshake in
            (handshake, count: self.handshakesOf[handshake.incoming.network] ?? 0)
        }
        let victim = candidates.min { one, other in
            if one.count != other.count { return one.count > other.count }
            if one.0.hasBegun != other.0.hasBegun { return other.0.hasBegun }
            return one.0.deadline < other.0.deadline
        }
        victim?.0.end(.ended(.madeRoom))
    }

    /// Takes a handshake that does not wait for its socket any more.
    func remove(_ handshake: Handshake, _ outcome: Handshake.Outcome) {
        handshakes[ObjectIdentifier(handshake)] = nil
        var incoming = handshake.incoming
        if let count = handshakesOf[incoming.network] { handshakesOf[incoming.network] = count > 1 ? count - 1 : nil }
        switch outcome {
        case .encrypted(let session):
            incoming.session = session
            finished(incoming)
        case .refused(let error):
            incoming.refusal = error
            finished(incoming)
        case .ended(let reason, let cause):
            logger.debug(
                "the handshake came to nothing\(cause.map { ": \($0)" } ?? "")",
                metadata: ["client": "\(incoming.peer?.host ?? "")", "reason": "\(reason.rawValue)"])
            ConnectionSocket(descriptor: incoming.descriptor, session: nil).close()
            failed(incoming, reason)
        }
        reportIfEmpty()
    }

    /// Ends in a second what is not over by then.
    func drain() { queue.asyncAfter(deadline: .now() + Self.drainTime) { [self] in endAll() } }

    /// Ends all handshakes, and calls `completion` when all have been handed over.
    func stop(completion: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            timer?.cancel()
            timer = nil
            whenEmpty = completion
            endAll()
            reportIfEmpty()
        }
    }

    private func reportIfEmpty() {
        guard handshakes.isEmpty else { return }
        whenEmpty?()
        whenEmpty = nil
    }

    private func endAll() {
        for handshake in handshakes.values { handshake.end(.ended(.stopped)) }
    }

    private func endLateHandshakes() {
        let now = ContinuousClock.now
        for handshake in handshakes.values where now > handshake.deadline { handshake.end(.ended(.handshakeTimeout)) }
    }
}
