import Dispatch
import Logging

/// Accepts connections, on a queue of its own, as long as there is room for them.
///
/// `@unchecked Sendable`: its state is confined to `queue`.
final class Acceptor: @unchecked Sendable {
    private var listener: ListeningSocket?
    private let maximumConnections: Int
    private let logger: Logger
    private let accepted: @Sendable (Int32, SocketAddress?) -> Void
    private let queue = DispatchQueue(label: "martlet.accept", qos: .userInitiated)
    private let source: any DispatchSourceRead
    private var openConnections = 0
    private var isPaused = false
    private var isStopped = false
    private var whenStopped: [@Sendable () -> Void] = []

    /// - Parameter accepted: takes over each connection's descriptor; called on the acceptor's queue.
    init(
        listener: ListeningSocket, maximumConnections: Int, logger: Logger,
        accepted: @escaping @Sendable (Int32, SocketAddress?) -> Void
    ) {
        self.listener = listener
        self.maximumConnections = maximumConnections
        self.logger = logger
        self.accepted = accepted
        source = DispatchSource.makeReadSource(fileDescriptor: listener.descriptor, queue: queue)
    }

    /// Accepts until it is stopped.
    func start() {
        source.setEventHandler { [self] in accept() }
        // The descriptor must stay open until the source has let go of it.
        source.setCancelHandler { [self] in
            listener = nil
            for report in whenStopped { report() }
            whenStopped = []
        }
        source.resume()
    }

    /// One of the accepted connections has ended.
    func connectionClosed() {
        queue.async { [self] in
            openConnections -= 1
            resume()
        }
    }

    /// Closes the listening socket and calls `completion` when that is done.
    func stop(completion: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            guard listener != nil else { return completion() }
            whenStopped.append(completion)
            resume()
            isStopped = true
            source.cancel()
        }
    }

    private func accept() {
        while !isStopped, let listener {
            guard openConnections < maximumConnections else { return pause() }
            switch listener.accept() {
            case .none: return
            case .exhausted:
                logger.warning("no file descriptors left: new connections wait")
                pause()
                queue.asyncAfter(deadline: .now() + .milliseconds(100)) { [self] in resume() }
                return
            case .connection(let descriptor, let address):
                openConnections += 1
                accepted(descriptor, address)
            }
        }
    }

    private func pause() {
        guard !isPaused else { return }
        isPaused = true
        source.suspend()
    }

    private func resume() {
        guard isPaused, !isStopped else { return }
        isPaused = false
        source.resume()
    }
}
