import Foundation
import HTTPServer
import Logging
import Testing

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

        @Test func `A dropped server lets go of its sockets`() async throws {
            let before = try openSockets()
            var server: HTTPServer? = HTTPServer(
                configuration: HTTPServerConfiguration(port: 0), logger: Logger(label: "test"), handler: echo)
            let port = try #require(try server?.start().port)
            let client = try Client(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.content() == "GET / ")
            server = nil
            #expect(try await client.rest() == "")
            #expect(await eventually { (try? openSockets()) == before + 1 })
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
