import Dispatch
import Logging

/// Accepts the connections of all listeners, on a queue of its own, as long as there is room for them.
///
/// `@unchecked Sendable`: its state is confined to `queue`.
final class Acceptor: @unchecked Sendable {
    /// A listening socket, until it is closed, and the source that says when clients wait there.
    private final class Door {
        var socket: ListeningSocket?
        let state: ListenerState
        /// Encrypts connections from now on.
        var context: TLSContext?
        let source: any DispatchSourceRead
        /// Clients wait until there is room.
        var isPaused = false
        /// How many connections there may be when it accepts another.
        let maximumConnections: Int

        init(
            _ socket: ListeningSocket, _ state: ListenerState, _ context: TLSContext?, maximumConnections: Int,
            queue: DispatchQueue
        ) {
            (self.socket, self.state, self.context) = (socket, state, context)
            self.maximumConnections = maximumConnections
            source = DispatchSource.makeReadSource(fileDescriptor: socket.descriptor, queue: queue)
        }
    }

    /// Connections refused at once may, until their clients have read why, be so many; others are just closed.
    private static let maximumRefusals = 64
    /// Places that clients of the first listener do not get, where others have another name: who looks after a server must
    /// reach it when the public has filled it.
    private static let maximumReserve = 16
    private static let warningInterval = Duration.seconds(60)
    private static let pauseTime = DispatchTimeInterval.milliseconds(100)

    private let doors: [Door]
    private let maximumPerNetwork: Int
    private let watches: WatchLimit
    private let counters: Counters
    private let logger: Logger
    private let handshakeTime: DispatchTimeInterval
    private let full: @Sendable () -> Void
    private let accepted: @Sendable (IncomingConnection, TLSContext?) -> Void
    private let queue = DispatchQueue(label: "martlet.accept", qos: .userInitiated)
    private var openConnections = 0
    private var connectionsOf: [ClientNetwork: Int] = [:]
    private var refusals = 0
    private var resumesByItself = false
    /// There have been clients for whom there was no descriptor or watch, and may still be.
    private var isExhausted = false
    /// When the log last had it that clients wait.
    private var warnedAt: ContinuousClock.Instant?
    private var isStopped = false
    private var openDoors: Int
    private var whenStopped: [@Sendable () -> Void] = []

    /// - Parameters:
    ///   - handshakeTime: how long clients that were just connecting may still come to a socket that leads others on.
    ///   - full: asks for room, because a client waits and cannot be accepted; called on the acceptor's queue, ten times a
    ///     second at most.
    ///   - accepted: takes over each connection, to be encrypted by the context if there is one; called on the
    ///     acceptor's queue.
    init(
        listeners: [(ListeningSocket, ListenerState, TLSContext?)], maximumConnections: Int, maximumPerNetwork: Int,
        watches: WatchLimit, counters: Counters, logger: Logger, handshakeTime: DispatchTimeInterval = .seconds(1),
        full: @escaping @Sendable () -> Void,
        accepted: @escaping @Sendable (IncomingConnection, TLSContext?) -> Void
    ) {
        (self.maximumPerNetwork, self.watches, self.counters) = (maximumPerNetwork, watches, counters)
        self.logger = logger
        self.handshakeTime = handshakeTime
        self.full = full
        self.accepted = accepted
        let first = listeners.first?.1.name
        let reserve =
            listeners.contains { $0.1.name != first } ? min(Self.maximumReserve, maximumConnections / 10) : 0
        doors = listeners.map { [queue] socket, state, context in
            Door(
                socket, state, context,
                maximumConnections: maximumConnections - (state.name == first ? reserve : 0), queue: queue)
        }
        openDoors = doors.count
    }

    /// Accepts until it is stopped.
    func start() {
        for door in doors {
            door.source.setEventHandler { [self] in accept(at: door) }
            // The descriptor must stay open until the source has let go of it.
            door.source.setCancelHandler { [self] in close(door) }
            door.socket?.takeClients()
            door.source.resume()
        }
    }

    /// One of the accepted connections has ended.
    func connectionClosed(_ connection: IncomingConnection, _ reason: CloseReason) {
        connection.listener.countEnd()
        counters.countEnd(reason)
        queue.async { [self] in
            openConnections -= 1
            if let network = connection.network, let count = connectionsOf[network] {
                connectionsOf[network] = count > 1 ? count - 1 : nil
            }
            if connection.refusal?.reason == .addressLimit { refusals -= 1 }
            if reason == .systemLimit { pause() } else { resume() }
        }
    }

    /// Encrypts the connections that are accepted from now on by other contexts, one for each listener.
    func use(_ contexts: [TLSContext?]) {
        queue.async { [self] in
            for (door, context) in zip(doors, contexts) { door.context = context }
        }
    }

    /// Closes the listening sockets and calls `completion` when that is done. Clients that the kernel has already told
    /// that they are connected are accepted before.
    func stop(completion: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            guard openDoors > 0 else { return completion() }
            whenStopped.append(completion)
            guard !isStopped else { return }
            resume()
            let diverts = doors.map { $0.socket?.divertsClients() == true }
            guard diverts.contains(true) else { return closeDoors() }
            // Handshakes that have begun end at this socket even so.
            queue.asyncAfter(deadline: .now() + handshakeTime) { [self] in closeDoors() }
        }
    }

    private func closeDoors() {
        guard !isStopped else { return }
        resume()
        isStopped = true
        for door in doors { door.source.cancel() }
    }

    private func close(_ door: Door) {
        door.socket?.removeFile()
        if let socket = door.socket, !socket.isShared { _ = acceptAll(from: socket, door) }
        door.socket = nil
        openDoors -= 1
        guard openDoors == 0 else { return }
        for report in whenStopped { report() }
        whenStopped = []
    }

    /// Called while clients wait.
    private func accept(at door: Door) {
        guard !isStopped, let socket = door.socket else { return }
        guard openConnections < door.maximumConnections, acceptAll(from: socket, door) else {
            return waitForRoom(door)
        }
    }

    /// Up to the limit. False where clients wait for whom there are no descriptors or watches.
    private func acceptAll(from socket: ListeningSocket, _ door: Door) -> Bool {
        while openConnections < door.maximumConnections {
            if let shortage = watches.shortage([socket.descriptor]) {
                guard socket.hasClients else { return true }
                reportPause(shortage)
                return false
            }
            switch socket.accept() {
            case .none:
                isExhausted = false
                return true
            case .exhausted:
                reportPause("no file descriptors left")
                return false
            case .connection(let descriptor, let peer):
                take(IncomingConnection(descriptor: descriptor, peer: peer, listener: door.state), door.context)
            }
        }
        return true
    }

    private func reportPause(_ reason: String) {
        guard !isExhausted else { return }
        isExhausted = true
        counters.countAcceptPause()
        guard warnedAt.map({ .now - $0 > Self.warningInterval }) ?? true else { return }
        warnedAt = .now
        logger.warning("\(reason): new connections wait")
    }

    private func take(_ connection: IncomingConnection, _ context: TLSContext?) {
        openConnections += 1
        connection.listener.countConnection()
        // A proxy on this machine speaks for others.
        guard maximumPerNetwork > 0, connection.locality != .loopback,
            let network = connection.peer.flatMap(ClientNetwork.init)
        else {
            return accepted(connection, context)
        }
        var connection = connection
        if connectionsOf[network, default: 0] < maximumPerNetwork {
            connectionsOf[network, default: 0] += 1
            connection.network = network
            accepted(connection, context)
        } else if context == nil, refusals < Self.maximumRefusals {
            refusals += 1
            connection.refusal = ProtocolError(
                .serviceUnavailable, .addressLimit,
                "the client's network already has the \(maximumPerNetwork) connections it may", retryAfter: 1)
            accepted(connection, nil)
        } else {
            counters.countRefusal(.addressLimit)
            ConnectionSocket(descriptor: connection.descriptor, session: nil).close()
            connectionClosed(connection, .addressLimit)
        }
    }

    /// Goes on when a connection has ended, and from time to time: one may have become idle.
    private func waitForRoom(_ door: Door) {
        if !door.isPaused {
            door.isPaused = true
            door.source.suspend()
        }
        // At the limit this is the way of every client: looking for idle connections takes time.
        guard !resumesByItself else { return }
        resumesByItself = true
        queue.asyncAfter(deadline: .now() + Self.pauseTime) { [self] in
            resumesByItself = false
            resume()
        }
        full()
    }

    /// The next clients would end as this one did, accepted before another took the last watch.
    private func pause() {
        guard !isStopped else { return }
        for door in doors { waitForRoom(door) }
    }

    private func resume() {
        guard !isStopped else { return }
        for door in doors where door.isPaused {
            door.isPaused = false
            door.source.resume()
        }
    }
}
