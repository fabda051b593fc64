import CEpoll
import Dispatch
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer

extension SocketTests {
    struct PollerTests {
        /// Two ends of a connection; the first does not block.
        private func connection() -> (Int32, Int32) {
            var pair: [Int32] = [-1, -1]
            #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
            _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
            return (pair[0], pair[1])
        }

        /// A file, which epoll_ctl(2) refuses as it would a socket for which there is no room.
        private struct Refused {
            let incoming: IncomingConnection
            private let path: String

            init() throws {
                path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID())").path
                let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
                try #require(descriptor >= 0)
                incoming = IncomingConnection(descriptor: descriptor, peer: nil, listener: ListenerState(.free))
            }

            /// Also where the descriptor is another's by now.
            var isClosed: Bool {
                let link = "/proc/self/fd/\(incoming.descriptor)"
                return (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) != path
            }

            func remove() { _ = unlink(path) }
        }

        @Test func `A connection that the system will not wait for ends`() async throws {
            let ended = Mutex<[CloseReason]>([])
            let loop = try ConnectionLoop { _, reason in ended.withLock { $0.append(reason) } }
            let refused = try Refused()
            defer { refused.remove() }
            loop.add(refused.incoming)
            #expect(await eventually { ended.withLock { $0 } == [.systemLimit] })
            #expect(refused.isClosed)
        }

        @Test func `A handshake that the system will not wait for ends`() async throws {
            let ended = Mutex<[CloseReason]>([])
            let loop = try HandshakeLoop(
                configuration: HTTPServerConfiguration(), loops: 1, logger: Logger(label: "test")
            ) {
                _ in
            } failed: { _, reason in
                ended.withLock { $0.append(reason) }
            }
            let refused = try Refused()
            defer { refused.remove() }
            loop.add(refused.incoming, try TLSContext(TLSConfiguration(.selfSigned)))
            #expect(await eventually { ended.withLock { $0 } == [.systemLimit] })
            #expect(refused.isClosed)
        }

        @Test func `Where the system waits for no more, new clients wait until it does, and it is said once`()
            async throws
        {
            let log = LogRecord()
            let found = Atomic(0)
            let pauses = Atomic(0)
            let socket = try ListeningSocket(.free)
            let port = try #require(socket.address.port)
            let set = cepoll_create()
            // A second time it is refused.
            #expect(cepoll_add(set, socket.descriptor))
            let acceptor = Acceptor(
                listeners: [(socket, ListenerState(.free), nil)], maximumConnections: 10, maximumPerNetwork: 0,
                watches: WatchLimit(set: set), counters: Counters(), logger: log.logger
            ) {
                pauses.wrappingAdd(1, ordering: .relaxed)
            } accepted: { connection, _ in
                found.wrappingAdd(1, ordering: .relaxed)
                close(connection.descriptor)
            }
            acceptor.start()
            let clients = try (0..<5).map { _ in try Client(port: port) }
            #expect(await eventually { pauses.load(ordering: .relaxed) >= 2 })
            #expect(found.load(ordering: .relaxed) == 0)
            #expect(log.lines == ["warning: epoll_ctl: File exists: new connections wait"])
            cepoll_remove(set, socket.descriptor)
            for client in clients { #expect(try await client.rest() == "") }
            #expect(found.load(ordering: .relaxed) == 5)
            await withCheckedContinuation { stopped in acceptor.stop { stopped.resume() } }
        }

        @Test func `A lost connection is told of once to who waits for nothing, and again to who waits`() {
            let (server, client) = connection()
            let set = cepoll_create()
            defer { for descriptor in [server, set] { close(descriptor) } }
            #expect(cepoll_add(set, server))
            cepoll_change(set, server, false, false)
            var events = [cepoll_event](repeating: cepoll_event(), count: Int(cepoll_most))
            #expect(cepoll_take(set, &events) == 0)
            close(client)
            #expect(cepoll_take(set, &events) == 1)
            #expect(cepoll_take(set, &events) == 0)
            cepoll_change(set, server, true, false)
            for _ in 1...2 {
                #expect(cepoll_take(set, &events) == 1)
                #expect(events[0].descriptor == server && events[0].is_readable)
            }
            cepoll_remove(set, server)
            #expect(cepoll_take(set, &events) == 0)
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
                        socket.end {}
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
}
