import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer

/// Answers with the listener and the client's address.
@Sendable private func origin(_ request: Request) async -> Response {
    Response(body: Array("\(request.listener) \(request.remoteAddress)".utf8))
}

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

extension SocketTests {
    struct ListenersTests {
        private func server(
            _ listeners: [Listener], maximumConnections: Int = 100, handler: @escaping Handler = origin
        ) -> HTTPServer {
            var configuration = HTTPServerConfiguration(listeners: listeners)
            configuration.maximumConnections = maximumConnections
            return HTTPServer(configuration: configuration, logger: Logger(label: "test"), handler: handler)
        }

        /// A listening socket as a service manager makes it: blocking, and open in programs that are run.
        private func activatedSocket() throws -> (descriptor: Int32, port: Int) {
            let socket = try ListeningSocket(Listener(.tcp(host: "127.0.0.1", port: 0)))
            let descriptor = dup(socket.descriptor)
            _ = fcntl(descriptor, F_SETFL, 0)
            return (descriptor, try #require(socket.address.port))
        }

        @Test func `Several listeners serve, and requests say by which they came`() async throws {
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID()).sock").path
            let server = server([
                Listener(.tcp(host: "127.0.0.1", port: 0)), Listener(.unix(path: path), name: "admin"),
                Listener(.tcp(host: "127.0.0.1", port: 0), name: "metrics"),
            ])
            let addresses = try server.start()
            let ports = addresses.compactMap(\.port)
            #expect(ports.count == 2)
            #expect(
                addresses.map(\.description) == ["127.0.0.1:\(ports[0])", "unix:\(path)", "127.0.0.1:\(ports[1])"])
            let clients = [
                try Client(port: ports[0]), try Client(unixPath: path), try Client(port: ports[1]),
            ]
            let answers = ["public 127.0.0.1", "admin unix", "metrics 127.0.0.1"]
            for (client, answer) in zip(clients, answers) {
                try await client.send(get)
                #expect(try await client.content() == answer)
            }
            #expect(server.openConnections == 3)
            await server.stop(gracePeriod: .zero)
        }

        @Test func `The limit of connections is one for all listeners`() async throws {
            let server = server([.free, .free], maximumConnections: 2)
            let ports = try server.start().compactMap(\.port)
            var clients = try [0, 1, 0, 1].map { try Client(port: ports[$0]) }
            for client in clients { try await client.send(get) }
            for _ in 0..<4 {
                #expect(try await clients.removeFirst().content() == "public 127.0.0.1")
                #expect(server.openConnections <= 2)
            }
            await server.stop(gracePeriod: .zero)
        }

        @Test func `Who fills the first listener leaves others a place`() async throws {
            let server = server(
                [.free, Listener(.tcp(host: "127.0.0.1", port: 0), name: "admin")], maximumConnections: 20)
            let ports = try server.start().compactMap(\.port)
            let crowd = try (0..<30).map { _ in try Client(port: ports[0]) }
            for client in crowd { try await client.send("GET / HTTP/1.1\r\n") }
            #expect(await eventually { server.openConnections == 18 })
            let admin = try Client(port: ports[1])
            try await admin.send(get)
            #expect(try await admin.content() == "admin 127.0.0.1")
            for client in crowd { try await client.send("Host: a\r\nConnection: close\r\n\r\n") }
            for client in crowd {
                #expect(try await client.rest().hasSuffix("public 127.0.0.1"))
                client.finishSending()
            }
            await server.stop(gracePeriod: .zero)
        }

        @Test func `Who waits for room has idle connections looked for ten times a second at most`() async throws {
            let socket = try ListeningSocket(.free)
            let port = try #require(socket.address.port)
            let calls = Atomic(0)
            let accepted = Atomic(0)
            let acceptor = Mutex<Acceptor?>(nil)
            let made = Acceptor(
                listeners: [(socket, ListenerState(.free), nil)], maximumConnections: 1, maximumPerNetwork: 0,
                watches: try WatchLimit(), counters: Counters(), logger: Logger(label: "test")
            ) {
                calls.wrappingAdd(1, ordering: .sequentiallyConsistent)
            } accepted: { connection, _ in
                accepted.wrappingAdd(1, ordering: .sequentiallyConsistent)
                close(connection.descriptor)
                let acceptor = acceptor.withLock { $0 }
                // Late enough that the next client has been found to have no room.
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(5)) {
                    acceptor?.connectionClosed(connection, .finished)
                }
            }
            acceptor.withLock { $0 = made }
            let clients = try (0..<50).map { _ in try Client(port: port) }
            let start = ContinuousClock.now
            made.start()
            #expect(await eventually { accepted.load(ordering: .sequentiallyConsistent) == 50 })
            let count = calls.load(ordering: .sequentiallyConsistent)
            #expect(count >= 1 && count <= Int((ContinuousClock.now - start) / .milliseconds(100)) + 1, "\(count)")
            let isStopped = Atomic(false)
            made.stop { isStopped.store(true, ordering: .sequentiallyConsistent) }
            #expect(await eventually { isStopped.load(ordering: .sequentiallyConsistent) })
            withExtendedLifetime(clients) {}
        }

        @Test func `Two listeners of one server do not take one another's place`() throws {
            let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path
            for other in [path, "\(path)/../\(path.split(separator: "/").last ?? "")", "\(path).next"] {
                let unix = [path, other].map { Listener(.unix(path: $0), reusesPort: true) }
                #expect(throws: ConfigurationError.listenersInOnePlace("unix:\(other)")) {
                    _ = try server(unix).start()
                }
            }
            let port = try #require(try ListeningSocket(.free).address.port)
            let tcp = ["127.0.0.1", "127.0.0.1"].map { Listener(.tcp(host: $0, port: port), reusesPort: true) }
            #expect(throws: ConfigurationError.listenersInOnePlace("127.0.0.1:\(port)")) {
                _ = try server(tcp).start()
            }
        }

        @Test func `A server without a listener does not start`() {
            #expect(throws: ConfigurationError.noListeners) { try server([]).start() }
        }

        @Test func `One listener that fails lets go of the others`() async throws {
            try await withServer { _, port in
                let path = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID()).sock").path
                let taken = Listener(.tcp(host: "127.0.0.1", port: port))
                #expect(throws: SocketError.addressInUse(host: "127.0.0.1", port: port)) {
                    try server([Listener(.unix(path: path)), taken]).start()
                }
                #expect(!FileManager.default.fileExists(atPath: path))
            }
        }

        @Test func `An inherited socket is served, and left to others at the end`() async throws {
            let (descriptor, port) = try activatedSocket()
            let copy = dup(descriptor)
            let first = server([Listener(.inherited(descriptor: descriptor), name: "first")])
            #expect(try first.start().map(\.description) == ["127.0.0.1:\(port)"])
            #expect(fcntl(descriptor, F_GETFD) == FD_CLOEXEC && fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
            let served = try Client(port: port)
            try await served.send(get)
            #expect(try await served.content() == "first 127.0.0.1")
            await first.stop(gracePeriod: .zero)
            // Nobody serves now; the kernel lets clients wait.
            let waiting = try Client(port: port)
            try await waiting.send(get)
            let second = server([Listener(.inherited(descriptor: copy), name: "second")])
            _ = try second.start()
            #expect(try await waiting.content() == "second 127.0.0.1")
            await second.stop(gracePeriod: .zero)
        }

        @Test func `What is no listening socket is not inherited`() throws {
            let file = open("/dev/null", O_RDONLY)
            let (stream, datagram) = (
                socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            )
            defer { for descriptor in [file, stream, datagram] { close(descriptor) } }
            let reasons = [
                (file, "Socket operation on non-socket"), (1 << 20, "Bad file descriptor"),
                (stream, "it is a socket, but no stream that listens"),
                (datagram, "it is a socket, but no stream that listens"),
            ]
            for (descriptor, reason) in reasons {
                let error = #expect(throws: SocketError.self) {
                    try server([Listener(.inherited(descriptor: descriptor))]).start()
                }
                #expect(
                    error?.description == "descriptor \(descriptor) is not a listening socket to inherit: \(reason)")
            }
        }

        @Test func `Two servers share a port where both ask for it, and one that stops loses no client`() async throws {
            let first = server([Listener(.tcp(host: "127.0.0.1", port: 0), name: "first", reusesPort: true)])
            let port = try #require(try first.start().first?.port)
            try await expectAnswers(of: "first", at: port)
            let second = server([Listener(.tcp(host: "127.0.0.1", port: port), name: "second", reusesPort: true)])
            #expect(try second.start().first?.port == port)
            #expect(throws: SocketError.addressInUse(host: "127.0.0.1", port: port)) {
                try server([Listener(.tcp(host: "127.0.0.1", port: port))]).start()
            }
            try await expectAnswers(of: "second", at: port)
            async let stopped: Void = first.stop(gracePeriod: .seconds(10))
            try await expectAnswers(of: "second", at: port)
            await stopped
            try await expectAnswers(of: "second", at: port)
            await second.stop(gracePeriod: .zero)
        }

        private func expectAnswers(of name: String, at port: Int) async throws {
            for _ in 1...32 {
                let client = try Client(port: port)
                try await client.send(get)
                #expect(try await client.response().hasSuffix("\(name) 127.0.0.1"))
            }
        }

        /// How many of 64 new clients the kernel gives to each of these sockets.
        private func spread(_ sockets: ListeningSocket...) throws -> [Int] {
            let port = try #require(sockets[0].address.port)
            let clients = try (0..<64).map { _ in try Client(port: port) }
            defer { withExtendedLifetime(clients) {} }
            return sockets.map { socket in
                var count = 0
                while case .connection(let descriptor, _) = socket.accept() {
                    close(descriptor)
                    count += 1
                }
                return count
            }
        }

        private func sharing(_ port: Int) throws -> ListeningSocket {
            try ListeningSocket(Listener(.tcp(host: "127.0.0.1", port: port), reusesPort: true))
        }

        @Test func `Who shares a port has new clients from when it takes them, until it leads them on`() throws {
            var old = try sharing(0)
            let port = try #require(old.address.port)
            // Restarts: each new one waits until the old one stops.
            for _ in 0..<3 {
                let new = try sharing(port)
                #expect(try spread(old, new) == [64, 0])
                #expect(old.divertsClients())
                #expect(try spread(old, new) == [0, 64])
                old = new
                old.takeClients()
            }
            #expect(try spread(old) == [64])
            #expect(!old.divertsClients(), "nobody else is there")
            // Or takes the clients first, and may lead them back.
            let new = try sharing(port)
            new.takeClients()
            #expect(try spread(old, new) == [0, 64])
            #expect(new.divertsClients())
            #expect(try spread(old, new) == [64, 0])
        }

        @Test func `Where it is not known who has which number, nobody is led to a socket that may be closing`() throws
        {
            let first = try sharing(0)
            let port = try #require(first.address.port)
            let (second, third) = (try sharing(port), try sharing(port))
            #expect(!second.divertsClients())
            #expect(try spread(first, second, third) == [64, 0, 0])
            #expect(third.divertsClients() && first.divertsClients())
            #expect(try spread(first, second, third) == [0, 64, 0])
        }

        @Test func `Every listener of a server that stops diverts its clients`() async throws {
            let sockets = try [sharing(0), sharing(0)]
            let acceptor = Acceptor(
                listeners: sockets.map { ($0, ListenerState(.free), nil) }, maximumConnections: 10_000,
                maximumPerNetwork: 0, watches: try WatchLimit(), counters: Counters(), logger: Logger(label: "test"),
                handshakeTime: .seconds(600),
                full: {}
            ) { connection, _ in close(connection.descriptor) }
            let later = try sockets.map { try sharing(#require($0.address.port)) }
            acceptor.start()
            for socket in later { #expect(try spread(socket) == [0]) }
            acceptor.stop {}
            // The stop is under way, and nothing is closed for another ten minutes.
            for socket in later { #expect(await eventually { (try? spread(socket)) == [64] }) }
        }

        @Test func `Clients that the kernel has let in are accepted before a socket is closed`() async throws {
            let ended = IncomingConnection(descriptor: -1, peer: nil, listener: ListenerState(.free))
            var socket: ListeningSocket? = try ListeningSocket(.free)
            let port = try #require(socket?.address.port)
            let accepted = Atomic(0)
            let fullTimes = Atomic(0)
            let stopped = Atomic(false)
            let acceptor = Mutex<Acceptor?>(nil)
            let made = Acceptor(
                listeners: [(try #require(socket), ListenerState(.free), nil)], maximumConnections: 2,
                maximumPerNetwork: 0, watches: try WatchLimit(), counters: Counters(), logger: Logger(label: "test")
            ) {
                guard fullTimes.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue == 0 else { return }
                // On the acceptor's queue: it comes to accept no more before it is to stop.
                let acceptor = acceptor.withLock { $0 }
                for _ in 0..<2 { acceptor?.connectionClosed(ended, .finished) }
                acceptor?.stop { stopped.store(true, ordering: .sequentiallyConsistent) }
            } accepted: { connection, _ in
                close(connection.descriptor)
                accepted.wrappingAdd(1, ordering: .sequentiallyConsistent)
            }
            socket = nil
            acceptor.withLock { $0 = made }
            // All four wait before the first is accepted, whose end is no matter.
            let clients = try (0..<4).map { _ in try Client(port: port) }
            made.start()
            #expect(await eventually { stopped.load(ordering: .sequentiallyConsistent) })
            #expect(accepted.load(ordering: .sequentiallyConsistent) == 4)
            for client in clients { #expect(try await client.rest() == "") }
            #expect(throws: Client.Failure.self) { try Client(port: port) }
        }
    }
}
