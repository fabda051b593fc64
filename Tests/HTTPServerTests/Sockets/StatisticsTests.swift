import Foundation
import HTTPServer
import Logging
import TestSupport
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

extension SocketTests {
    struct StatisticsTests {
        /// What is not zero.
        private func counted<Reason>(_ counts: [Reason: Int]) -> [Reason: Int] { counts.filter { $0.value != 0 } }

        @Test func `Connections are counted by listener, and their ends by reason`() async throws {
            try await withServer {
                $0.listeners = [
                    Listener(.tcp(host: "127.0.0.1", port: 0)),
                    Listener(.tcp(host: "127.0.0.1", port: 0), name: "admin"),
                ]
            } _: { server, port in
                #expect(server.statistics.accepted == ["public": 0, "admin": 0])
                var clients = try (0..<3).map { _ in try Client(port: port) }
                for client in clients {
                    try await client.send(get)
                    #expect(try await client.content() == "GET / ")
                }
                #expect(server.statistics.accepted == ["public": 3, "admin": 0])
                #expect(server.statistics.open == ["public": 3, "admin": 0])
                clients.removeLast()
                #expect(await eventually { server.statistics.open == ["public": 2, "admin": 0] })
                #expect(counted(server.statistics.closed) == [.finished: 1])
                try await clients[1].send("GET / HT")
                clients.removeLast()
                #expect(await eventually { server.statistics.closed[.clientLeft] == 1 })
                await server.stop(gracePeriod: .zero)
                #expect(counted(server.statistics.closed) == [.finished: 1, .clientLeft: 1, .stopped: 1])
                #expect(server.statistics.accepted == ["public": 3, "admin": 0])
                #expect(server.statistics.open == ["public": 0, "admin": 0])
            }
        }

        @Test func `Time-outs are counted by what was waited for`() async throws {
            try await withServer {
                ($0.headTimeout, $0.bodyTimeout, $0.idleTimeout) = (
                    .milliseconds(100), .milliseconds(100), .milliseconds(100)
                )
            } _: { server, port in
                let halves = ["", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"]
                for half in halves {
                    let client = try Client(port: port)
                    try await client.send(half)
                    _ = try await client.rest()
                    client.finishSending()
                }
                #expect(await eventually { server.openConnections == 0 })
                #expect(counted(server.statistics.closed) == [.idleTimeout: 1, .refused: 2])
                #expect(counted(server.statistics.refused) == [.headTimeout: 1, .bodyTimeout: 1])
            }
        }

        @Test func `An idle connection that makes room is counted as such`() async throws {
            try await withServer {
                ($0.maximumConnections, $0.loops) = (1, 1)
            } _: { server, port in
                let (idle, new) = (try Client(port: port), try Client(port: port))
                try await new.send(get)
                #expect(try await new.content() == "GET / ")
                #expect(try await idle.rest() == "")
                #expect(counted(server.statistics.closed) == [.madeRoom: 1])
            }
        }

        @Test func `Without descriptors accepting pauses, and goes on when there are some`() async {
            // In a process of its own: others need descriptors too.
            await #expect(processExitsWith: .success) {
                let server = HTTPServer(
                    configuration: HTTPServerConfiguration(listeners: [Listener(.tcp(host: "127.0.0.1", port: 0))]),
                    logger: Logger(label: "test"), handler: { _ in Response(body: Array("served".utf8)) })
                let port = try #require(try server.start().first?.port)
                // Dispatch opens descriptors of its own at first.
                try await Task.sleep(for: .milliseconds(200))
                var limit = rlimit(rlim_cur: 100, rlim_max: 100)
                #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                var fillers: [Int32] = []
                while case let descriptor = open("/dev/null", O_RDONLY), descriptor >= 0 { fillers.append(descriptor) }
                close(fillers.removeLast())
                let client = try Client(port: port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                while server.statistics.acceptPauses < 1 { try await Task.sleep(for: .milliseconds(10)) }
                // It tries again meanwhile, and has said so.
                try await Task.sleep(for: .milliseconds(500))
                #expect(server.statistics.acceptPauses == 1)
                #expect(server.openConnections == 0)
                for descriptor in fillers { close(descriptor) }
                #expect(try await client.content() == "served")
            }
        }
    }
}
