import Dispatch
import Logging

/// Accepts connections, on a queue of its own, as long as there is room for them.
///
/// `@unchecked Sendable`: its state is confined to `queue`.
final class Acceptor: @unchecked Sendable {
    private var listener: ListeningSocket?
    private let maximumConnections: Int
    private let logger: Logger
    private let full: @Sendable () -> Void
    private let accepted: @Sendable (Int32, SocketAddress?) -> Void
    private let queue = DispatchQueue(label: "martlet.accept", qos: .userInitiated)
    private let source: any DispatchSourceRead
    private var openConnections = 0
    private var isPaused = false
    private var resumesByItself = false
    private var isStopped = false
    private var whenStopped: [@Sendable () -> Void] = []

    /// - Parameters:
    ///   - full: asks for room, because a client waits and cannot be accepted; called on the acceptor's queue.
    ///   - accepted: takes over each connection's descriptor; called on the acceptor's queue.
    init(
        listener: ListeningSocket, maximumConnections: Int, logger: Logger, full: @escaping @Sendable () -> Void,
        accepted: @escaping @Sendable (Int32, SocketAddress?) -> Void
    ) {
        self.listener = listener
        self.maximumConnections = maximumConnections
        self.logger = logger
        self.full = full
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

    /// Called while clients wait.
    private func accept() {
        guard openConnections < maximumConnections else { return waitForRoom() }
        while !isStopped, openConnections < maximumConnections, let listener {
            switch listener.accept() {
            case .none: return
            case .exhausted:
                logger.warning("no file descriptors left: new connections wait")
                return waitForRoom()
            case .connection(let descriptor, let address):
                openConnections += 1
                accepted(descriptor, address)
            }
        }
    }

    /// Goes on when a connection has ended, and from time to time: one may have become idle.
    private func waitForRoom() {
        pause()
        full()
        guard !resumesByItself else { return }
        resumesByItself = true
        queue.asyncAfter(deadline: .now() + .milliseconds(100)) { [self] in
            resumesByItself = false
            resume()
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
