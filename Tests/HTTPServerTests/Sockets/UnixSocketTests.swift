import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer

private let longPost = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n"

extension SocketTests {
    struct UnixSocketTests {
        private func withPath(_ body: (String) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await body(folder.appendingPathComponent("socket").path)
        }

        private func configuration(_ path: String, reusesPort: Bool = false) -> HTTPServerConfiguration {
            HTTPServerConfiguration(listeners: [Listener(.unix(path: path), reusesPort: reusesPort)])
        }

        private func server(_ path: String, reusesPort: Bool = false, handler: @escaping Handler = echo) -> HTTPServer {
            HTTPServer(
                configuration: configuration(path, reusesPort: reusesPort), logger: Logger(label: "test"),
                handler: handler)
        }

        private func expectService(_ path: String) async throws {
            let client = try Client(unixPath: path)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.content() == "GET / ")
        }

        private func failure(_ path: String) -> String? {
            let error = #expect(throws: SocketError.self) { try server(path).start() }
            return error?.description
        }

        @Test func `Owner and group may connect, whatever the umask`() async {
            // In a process of its own, for the umask is all threads'.
            await #expect(processExitsWith: .success) {
                let tests = UnixSocketTests()
                for mask: mode_t in [0o000, 0o077, 0o777] {
                    try await tests.withPath { path in
                        let server = tests.server(path)
                        let before = umask(mask)
                        defer { umask(before) }
                        _ = try server.start()
                        umask(before)
                        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                        #expect(mode == 0o660)
                        try await tests.expectService(path)
                        await server.stop(gracePeriod: .zero)
                    }
                }
            }
        }

        /// The kernel tells of their bytes and of their end at once.
        @Test(arguments: [
            ("\r\n", 0), ("POST / HT", 0), (longPost, 0), (longPost, 1000), (longPost, 100_000),
        ])
        func `A client that leaves within its request is not waited for`(start: String, bytes: Int) async throws {
            try await withPath { path in
                let isHandling = Atomic(false)
                let haveLeft = Atomic(false)
                var configuration = HTTPServerConfiguration(listeners: [Listener(.unix(path: path))])
                configuration.loops = 1
                let server = HTTPServer(configuration: configuration, logger: Logger(label: "test")) { request in
                    // Keeps the only loop busy until the others have come and gone.
                    isHandling.store(true, ordering: .sequentiallyConsistent)
                    while !haveLeft.load(ordering: .sequentiallyConsistent) { usleep(1000) }
                    return await echo(request)
                }
                _ = try server.start()
                let blocker = try Client(unixPath: path)
                try await blocker.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await eventually { isHandling.load(ordering: .sequentiallyConsistent) })
                for _ in 1...10 {
                    try await Client(unixPath: path).send(start + String(repeating: "x", count: bytes))
                }
                haveLeft.store(true, ordering: .sequentiallyConsistent)
                #expect(try await blocker.content() == "GET / ")
                #expect(await eventually { server.openConnections == 1 })
                await server.stop(gracePeriod: .zero)
            }
        }

        @Test func `The file goes when the server stops`() async throws {
            try await withPath { path in
                let server = server(path)
                _ = try server.start()
                #expect(FileManager.default.fileExists(atPath: path))
                await server.stop(gracePeriod: .zero)
                #expect(!FileManager.default.fileExists(atPath: path))
            }
        }

        @Test func `The file of another that has taken the path stays`() async throws {
            try await withPath { path in
                let (first, second) = (server(path), server(path))
                _ = try first.start()
                try FileManager.default.removeItem(atPath: path)
                _ = try second.start()
                await first.stop(gracePeriod: .zero)
                try await expectService(path)
                await second.stop(gracePeriod: .zero)
            }
        }

        /// Who answers at `path`.
        private func answer(_ client: Client) async throws -> String {
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            defer { client.finishSending() }
            return try await client.content()
        }

        @Test func `A server that follows another is found when it answers, and not where it does not come to that`()
            async throws
        {
            try await withPath { path in
                let first = server(path, reusesPort: true) { _ in Response(body: Array("first".utf8)) }
                let second = server(path, reusesPort: true) { _ in Response(body: Array("second".utf8)) }
                _ = try first.start()
                let folder = URL(filePath: path).deletingLastPathComponent().path
                for _ in 0..<2 {
                    let next = try configuration(path, reusesPort: true).listen()
                    #expect(try await answer(Client(unixPath: path)) == "first")
                    #expect(
                        throws: SocketError.pathInUse("\(path).next"), "one waits, no more"
                    ) { try configuration(path, reusesPort: true).listen() }
                    withExtendedLifetime(next) {}
                }
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["socket"])
                #expect(try await answer(Client(unixPath: path)) == "first")
                let next = try configuration(path, reusesPort: true).listen()
                _ = try second.start(on: next)
                #expect(try await answer(Client(unixPath: path)) == "second")
                await first.stop(gracePeriod: .zero)
                #expect(try await answer(Client(unixPath: path)) == "second")
                await second.stop(gracePeriod: .zero)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
            }
        }

        @Test func `A server without descriptors for its queues leaves the other's file`() async {
            // In a process of its own, whose limit no other test meets.
            await #expect(processExitsWith: .success) {
                let tests = UnixSocketTests()
                var limit = rlimit(rlim_cur: 100, rlim_max: 100)
                #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                try await tests.withPath { path in
                    var configuration = tests.configuration(path, reusesPort: true)
                    configuration.loops = 1
                    let first = HTTPServer(
                        configuration: configuration, logger: Logger(label: "test"), handler: echo)
                    _ = try first.start()
                    configuration.loops = 100
                    let error = #expect(throws: SocketError.self) {
                        _ = try HTTPServer(
                            configuration: configuration, logger: Logger(label: "test"), handler: echo
                        ).start()
                    }
                    #expect(error?.description == "cannot wait for connections: Too many open files")
                    // What it had is closed soon.
                    #expect(await eventually { (try? Client(unixPath: path)) != nil })
                    try await tests.expectService(path)
                    await first.stop(gracePeriod: .zero)
                }
            }
        }

        @Test func `Of servers that start at once at one path, one gets it`() async throws {
            try await withPath { path in
                for _ in 0..<500 {
                    let sockets = Mutex<[ListeningSocket]>([])
                    DispatchQueue.concurrentPerform(iterations: 2) { _ in
                        guard let socket = try? ListeningSocket(Listener(.unix(path: path))) else { return }
                        sockets.withLock { $0.append(socket) }
                    }
                    #expect(sockets.withLock { $0.count } == 1)
                    sockets.withLock { $0 = [] }
                    #expect(!FileManager.default.fileExists(atPath: path))
                }
            }
        }

        @Test func `A server that stops has its clients find the one that waits to follow it`() async throws {
            try await withPath { path in
                let (first, second) = (server(path), server(path, reusesPort: true))
                _ = try first.start()
                let next = try configuration(path, reusesPort: true).listen()
                await first.stop(gracePeriod: .zero)
                let early = try Client(unixPath: path)
                // It may be followed before it has answered.
                let third = try configuration(path, reusesPort: true).listen()
                _ = try second.start(on: next)
                #expect(try await answer(early) == "GET / ")
                await second.stop(gracePeriod: .zero)
                let late = try Client(unixPath: path)
                let last = server(path, reusesPort: true)
                _ = try last.start(on: third)
                #expect(try await answer(late) == "GET / ")
                await last.stop(gracePeriod: .zero)
                let folder = URL(filePath: path).deletingLastPathComponent().path
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
            }
        }

        @Test func `A file that an ended process left is replaced`() async throws {
            try await withPath { path in
                let abandoned = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
                #expect(ListeningAddress(unixPath: path).bind(abandoned) && listen(abandoned, 1) == 0)
                close(abandoned)
                let server = server(path)
                _ = try server.start()
                try await expectService(path)
                await server.stop(gracePeriod: .zero)
            }
        }

        @Test func `A socket that somebody listens on is not replaced`() async throws {
            try await withPath { path in
                let first = server(path)
                _ = try first.start()
                #expect(failure(path) == "another process listens on unix:\(path); end it, or choose another path")
                try await expectService(path)
                await first.stop(gracePeriod: .zero)
            }
        }

        @Test func `A file that is no socket is not replaced`() async throws {
            try await withPath { path in
                try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
                #expect(
                    failure(path)
                        == "cannot listen on unix:\(path): the file there is not a socket, and is not replaced")
                #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
            }
        }

        @Test func `A path that the kernel could not hold is an error, as are none and NUL`() async throws {
            try await withPath { path in
                let folder = path.dropLast("socket".utf8.count)
                let longest = folder + String(repeating: "x", count: 107 - folder.utf8.count)
                let server = server(String(longest))
                _ = try server.start()
                try await expectService(String(longest))
                await server.stop(gracePeriod: .zero)
                for bad in ["\(longest)x", "", "/tmp/a\0b"] {
                    #expect(
                        failure(bad) == "the path of a Unix socket must have from 1 to 107 bytes and no NUL, "
                            + "found \(bad.utf8.count): '\(bad)'")
                }
            }
        }

        @Test func `Nobody finds a socket that is about to close, and whoever waits there is accepted`() async throws {
            try await withPath { path in
                let ended = IncomingConnection(descriptor: -1, peer: nil, listener: ListenerState(.free))
                let found = Mutex<[Bool]>([])
                let isStopped = Atomic(false)
                let acceptor = Mutex<Acceptor?>(nil)
                let made = Acceptor(
                    listeners: [(try ListeningSocket(Listener(.unix(path: path))), ListenerState(.free), nil)],
                    maximumConnections: 2, maximumPerNetwork: 0, watches: try WatchLimit(), counters: Counters(),
                    logger: Logger(label: "test")
                ) {
                    guard found.withLock({ $0.count }) == 2 else { return }
                    // On the acceptor's queue: it comes to accept no more before it is to stop.
                    let acceptor = acceptor.withLock { $0 }
                    for _ in 0..<2 { acceptor?.connectionClosed(ended, .finished) }
                    acceptor?.stop { isStopped.store(true, ordering: .sequentiallyConsistent) }
                } accepted: { connection, _ in
                    close(connection.descriptor)
                    found.withLock { $0.append(FileManager.default.fileExists(atPath: path)) }
                }
                acceptor.withLock { $0 = made }
                let clients = try (0..<4).map { _ in try Client(unixPath: path) }
                made.start()
                #expect(await eventually { isStopped.load(ordering: .sequentiallyConsistent) })
                #expect(found.withLock { $0 } == [true, true, false, false])
                for client in clients { #expect(try await client.rest() == "") }
            }
        }

        @Test func `A folder that does not exist is named, and how to make it`() {
            #expect(
                failure("/nowhere/socket")
                    == "cannot listen on unix:/nowhere/socket: bind: No such file or directory; make the folder first: "
                    + "mkdir -p /nowhere")
        }
    }
}
