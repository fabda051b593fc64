import Foundation
import Logging
import TestSupport
import Testing

@testable import HTTPServer

extension SocketTests {
    struct CapacityTests {
        /// How many sockets this process has open.
        private func openSockets() throws -> Int {
            let folder = "/proc/self/fd"
            return try FileManager.default.contentsOfDirectory(atPath: folder).count { name in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
                return target?.hasPrefix("socket:") == true
            }
        }

        @Test func `300 connections at once are all answered, and leave no descriptor behind`() async throws {
            let before = try openSockets()
            let handler: Handler = { request in
                try? await Task.sleep(for: .milliseconds(20))
                return await echo(request)
            }
            try await withServer(handler: handler) { server, port in
                try await withThrowingTaskGroup { group in
                    for number in 0..<300 {
                        group.addTask {
                            let client = try Client(port: port)
                            for turn in 1...2 {
                                try await client.send("GET /\(number)/\(turn) HTTP/1.1\r\nHost: a\r\n\r\n")
                                #expect(try await client.content() == "GET /\(number)/\(turn) ")
                            }
                            // Some leave in the middle of a request, some of a handler.
                            if number % 3 == 0 { try await client.send("GET / HT") }
                            if number % 3 == 1 { try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(await eventually { server.openConnections == 0 }, "\(server.openConnections) are open")
            }
            #expect(await eventually { (try? openSockets()) == before }, "\(before) before")
        }

        @Test(arguments: [false, true]) func `A dropped server lets go of its sockets`(encrypts: Bool) async throws {
            let before = try openSockets()
            var listener = Listener.free
            listener.tls = encrypts ? TLSConfiguration(.selfSigned) : nil
            var server: HTTPServer? = HTTPServer(
                configuration: HTTPServerConfiguration(listeners: [listener]), logger: Logger(label: "test"),
                handler: echo)
            let port = try #require(try server?.start().first?.port)
            let client = try Client(port: port)
            if encrypts { try await client.startTLS() }
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.content() == "GET / ")
            server = nil
            #expect(try await client.rest() == "")
            #expect(await eventually { (try? openSockets()) == before + 1 })
        }

        @Test func `A dropped server lets go of what its queues wait with`() async {
            // In a process of its own, where no other test has such.
            await #expect(processExitsWith: .success) {
                func openSets() -> Int {
                    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
                    return names.count { name in
                        let link = "/proc/self/fd/\(name)"
                        return (try? FileManager.default.destinationOfSymbolicLink(atPath: link))?.contains("eventpoll")
                            == true
                    }
                }
                func serve() throws {
                    var listener = Listener.free
                    listener.tls = TLSConfiguration(.selfSigned)
                    var configuration = HTTPServerConfiguration(listeners: [listener])
                    configuration.loops = 4
                    let server = HTTPServer(
                        configuration: configuration, logger: Logger(label: "test"), handler: echo)
                    _ = try server.start()
                    // Four queues of connections, two of handshakes, the limit's, and Dispatch's own.
                    #expect(openSets() >= 8)
                }
                for _ in 0..<3 {
                    try serve()
                    #expect(await eventually { openSets() == 1 }, "Dispatch's own is left; \(openSets()) are")
                }
            }
        }

        @Test func `More clients than allowed wait until one leaves`() async throws {
            try await withServer {
                $0.maximumConnections = 2
            } _: { server, port in
                var clients = try (0..<5).map { _ in try Client(port: port) }
                for client in clients { try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
                for _ in 0..<5 {
                    let first = clients.removeFirst()
                    #expect(try await first.content() == "GET / ")
                    #expect(server.openConnections <= 2)
                }
            }
        }

        @Test func `Who has been idle for longest makes room for who waits`() async throws {
            try await withServer {
                ($0.maximumConnections, $0.loops) = (3, 1)
            } _: { server, port in
                let (silent, second, third) = (try Client(port: port), try Client(port: port), try Client(port: port))
                for client in [second, third] {
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.content() == "GET / ")
                }
                var newcomers: [Client] = []
                for (idle, path) in [(silent, "/1"), (second, "/2")] {
                    let new = try Client(port: port)
                    newcomers.append(new)
                    try await new.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await idle.rest() == "")
                    #expect(try await new.content() == "GET \(path) ")
                    #expect(server.openConnections == 3)
                }
                try await third.send("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await third.content() == "GET /3 ")
                withExtendedLifetime(newcomers) {}
            }
        }

        @Test func `Clients in the middle of a request keep their place`() async throws {
            try await withServer {
                ($0.maximumConnections, $0.loops) = (2, 2)
            } _: { server, port in
                let (head, body, new) = (try Client(port: port), try Client(port: port), try Client(port: port))
                try await head.send("GET /head HTTP/1.1\r\n")
                try await body.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1")
                try await new.send("GET /new HTTP/1.1\r\nHost: a\r\n\r\n")
                try await Task.sleep(for: .milliseconds(1300))
                try await head.send("Host: a\r\nConnection: close\r\n\r\n")
                #expect(try await head.rest().hasSuffix("GET /head "))
                try await body.send("2")
                #expect(try await body.content() == "POST /body 12")
                head.finishSending()
                #expect(try await new.content() == "GET /new ")
            }
        }

        @Test func `The limit of descriptors is raised, and connections stay under it`() async throws {
            var limits = rlimit()
            #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0)
            var lowered = rlimit(rlim_cur: min(limits.rlim_max, 1000), rlim_max: limits.rlim_max)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &lowered) == 0)
            let log = LogRecord()
            try await withServer({ ($0.maximumConnections, $0.loops) = (.max, 3) }, log: log) { _, _ in
                #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0)
                #expect(limits.rlim_cur == limits.rlim_max)
            }
            let limit = Int(clamping: limits.rlim_max)
            #expect(
                log.lines == [
                    "warning: at most \(limit - 67) connections instead of \(Int.max): "
                        + "the process may have \(limit) open files (ulimit -n)"
                ])
            #expect(try DescriptorLimit.connections(10_000, under: 1024, queues: 96) == 864)
            #expect(try DescriptorLimit.connections(10, under: 1024, queues: 3) == 10)
            let error = #expect(throws: SocketError.self) {
                try DescriptorLimit.connections(10, under: 20, queues: 3)
            }
            #expect(
                error?.description
                    == "the process may have 20 open files, and needs 68 to serve one connection (ulimit -n)")
        }

        @Test func `A server that is full can be stopped`() async throws {
            try await withServer {
                $0.maximumConnections = 1
            } _: { server, port in
                let (first, second) = (try Client(port: port), try Client(port: port))
                try await first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await first.content() == "GET / ")
                await server.stop(gracePeriod: .seconds(10))
                #expect(server.openConnections == 0)
                #expect(throws: Client.Failure.self) { try Client(port: port) }
                withExtendedLifetime(second) {}
            }
        }
    }
}
