/// One client's TLS handshake.
///
/// `@unchecked Sendable`: its state is confined to its loop's queue.
final class Handshake: @unchecked Sendable {
    enum Outcome {
        case encrypted(TLSSession)
        case refused(ProtocolError)
        case ended(CloseReason, cause: String? = nil)
    }

    let incoming: IncomingConnection
    let deadline: ContinuousClock.Instant
    private let context: TLSContext
    private unowned let loop: HandshakeLoop
    /// Made when the client begins: who only connects costs next to nothing.
    private var session: TLSSession?
    private let events: SocketEvents
    private var outcome: Outcome?

    init(
        _ incoming: IncomingConnection, _ context: TLSContext, deadline: ContinuousClock.Instant, loop: HandshakeLoop
    ) {
        (self.incoming, self.context, self.deadline, self.loop) = (incoming, context, deadline, loop)
        events = SocketEvents(descriptor: incoming.descriptor, poller: loop.poller)
    }

    var isOver: Bool { outcome != nil }

    /// Whether the client has sent anything.
    var hasBegun: Bool { session != nil }

    func start() {
        guard events.start(readable: { [unowned self] in proceed() }) else { return end(.ended(.systemLimit)) }
    }

    private func proceed() {
        guard !isOver else { return }
        session = session ?? context.session(on: incoming.descriptor)
        guard let session else { return end(.ended(.handshakeFailed)) }
        switch session.handshake() {
        case .reads: return
        case .writes: waitUntilWritable()
        case .done: end(.encrypted(session))
        case .failed(let reason): end(.ended(.handshakeFailed, cause: reason))
        case .plainHTTP:
            end(.refused(.badRequest(.plainHTTP, "HTTP was sent without TLS; https is spoken on this port")))
        }
    }

    /// What the client sends meanwhile waits: it would be found again and again.
    private func waitUntilWritable() {
        events.pauseReading()
        events.startWriting { [unowned self] in
            events.stopWriting()
            events.resumeReading()
            proceed()
        }
    }

    /// Ends the handshake, unless it is over already.
    func end(_ outcome: Outcome) {
        guard !isOver else { return }
        self.outcome = outcome
        // The handlers, one of which may have called this, do not keep it alive.
        events.end { [self] in loop.remove(self, outcome) }
    }
}
