import CEpoll
import Dispatch
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer

struct PollerTests {
    /// Two ends of a connection; the first does not block.
    private func connection() -> (Int32, Int32) {
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
        return (pair[0], pair[1])
    }

    /// epoll_ctl(2) refuses a file as it would refuse a socket for which there is no room.
    private func refused() throws -> IncomingConnection {
        let descriptor = open("/proc/self/exe", O_RDONLY)
        try #require(descriptor >= 0)
        return IncomingConnection(descriptor: descriptor, peer: nil, listener: ListenerState(.free))
    }

    @Test func `A connection that the system will not wait for ends`() async throws {
        let configuration = HTTPServerConfiguration()
        let ended = Mutex<[CloseReason]>([])
        let loop = try ConnectionLoop(
            name: "test", configuration: configuration, bodyBudget: ByteBudget(configuration), counters: Counters(),
            logger: Logger(label: "test"), handler: echo
        ) { _, reason in ended.withLock { $0.append(reason) } }
        let incoming = try refused()
        loop.add(incoming)
        #expect(await eventually { ended.withLock { $0 } == [.systemLimit] })
        #expect(fcntl(incoming.descriptor, F_GETFD) == -1)
    }

    @Test func `A handshake that the system will not wait for ends`() async throws {
        let ended = Mutex<[CloseReason]>([])
        let loop = try HandshakeLoop(configuration: HTTPServerConfiguration(), loops: 1) { _ in
        } failed: { _, reason in
            ended.withLock { $0.append(reason) }
        }
        let incoming = try refused()
        loop.add(incoming, try TLSContext(TLSConfiguration(.selfSigned)))
        #expect(await eventually { ended.withLock { $0 } == [.systemLimit] })
        #expect(fcntl(incoming.descriptor, F_GETFD) == -1)
    }

    @Test func `A lost connection is told of once to who waits for nothing, and again to who waits`() {
        let (server, client) = connection()
        let set = cepoll_create()
        defer { for descriptor in [server, set] { close(descriptor) } }
        #expect(cepoll_add(set, server))
        cepoll_change(set, server, false, false)
        var event = cepoll_event()
        #expect(cepoll_take(set, &event, 1) == 0)
        close(client)
        #expect(cepoll_take(set, &event, 1) == 1)
        #expect(cepoll_take(set, &event, 1) == 0)
        cepoll_change(set, server, true, false)
        for _ in 1...2 {
            #expect(cepoll_take(set, &event, 1) == 1)
            #expect(event.descriptor == server && event.is_readable)
        }
        cepoll_remove(set, server)
        #expect(cepoll_take(set, &event, 1) == 0)
    }

    @Test func `A socket that another's handler ends hears nothing of what came at the same time`() async throws {
        let queue = DispatchQueue(label: "test")
        let heard = Atomic(0)
        let pairs = [connection(), connection()]
        let poller = try Poller(queue: queue)
        let isOver = Atomic(false)
        queue.sync {
            let sockets = pairs.map { SocketEvents(descriptor: $0.0, poller: poller) }
            for (socket, other) in zip(sockets, sockets.reversed()) {
                let isWaitedFor = socket.start { [unowned socket, unowned other] in
                    heard.wrappingAdd(1, ordering: .relaxed)
                    socket.pauseReading()
                    other.end { isOver.store(true, ordering: .releasing) }
                }
                #expect(isWaitedFor)
            }
            for (_, client) in pairs { #expect(write(client, "a", 1) == 1) }
        }
        #expect(await eventually { isOver.load(ordering: .acquiring) })
        // A turn of the queue later nothing is left that could tell of it.
        queue.sync {}
        #expect(heard.load(ordering: .relaxed) == 1)
        for (server, client) in pairs { close(server); close(client) }
    }
}
