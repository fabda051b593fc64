import Dispatch

/// One client's TLS handshake. Its state is confined to its loop's queue.
final class Handshake {
    enum Outcome {
        case encrypted(TLSSession)
        case refused(ProtocolError)
        case ended(CloseReason)
    }

    let incoming: IncomingConnection
    let deadline: ContinuousClock.Instant
    private let context: TLSContext
    private unowned let loop: HandshakeLoop
    /// Made when the client begins: who only connects costs next to nothing.
    private var session: TLSSession?
    private let readSource: any DispatchSourceRead
    private var writeSource: (any DispatchSourceWrite)?
    private var liveSources = 0
    private var outcome: Outcome?

    init(
        _ incoming: IncomingConnection, _ context: TLSContext, deadline: ContinuousClock.Instant, loop: HandshakeLoop
    ) {
        (self.incoming, self.context, self.deadline, self.loop) = (incoming, context, deadline, loop)
        readSource = DispatchSource.makeReadSource(fileDescriptor: incoming.descriptor, queue: loop.queue)
    }

    var isOver: Bool { outcome != nil }

    /// Whether the client has sent anything.
    var hasBegun: Bool { session != nil }

    func start() {
        readSource.setEventHandler { [unowned self] in proceed() }
        own(readSource)
        readSource.resume()
    }

    private func proceed() {
        guard !isOver else { return }
        session = session ?? context.session(on: incoming.descriptor)
        guard let session else { return end(.ended(.handshakeFailed)) }
        switch session.handshake() {
        case .reads: return
        case .writes: waitUntilWritable()
        case .done: end(.encrypted(session))
        case .failed: end(.ended(.handshakeFailed))
        case .plainHTTP:
            end(.refused(.badRequest(.plainHTTP, "HTTP was sent without TLS; https is spoken on this port")))
        }
    }

    /// What the client sends meanwhile waits: it would be found again and again.
    private func waitUntilWritable() {
        readSource.suspend()
        let source = DispatchSource.makeWriteSource(fileDescriptor: incoming.descriptor, queue: loop.queue)
        source.setEventHandler { [unowned self] in
            guard writeSource != nil else { return }
            goOnReading()
            proceed()
        }
        own(source)
        writeSource = source
        source.resume()
    }

    private func goOnReading() {
        guard let writeSource else { return }
        self.writeSource = nil
        writeSource.cancel()
        readSource.resume()
    }

    /// Ends the handshake, unless it is over already.
    func end(_ outcome: Outcome) {
        guard !isOver else { return }
        self.outcome = outcome
        goOnReading()  // a suspended source could not be cancelled
        readSource.cancel()
    }

    /// The loop gets the connection when every source has let go of the socket.
    private func own(_ source: any DispatchSourceProtocol) {
        liveSources += 1
        source.setCancelHandler { [self] in
            liveSources -= 1
            guard liveSources == 0, let outcome else { return }
            loop.remove(self, outcome)
        }
    }
}
