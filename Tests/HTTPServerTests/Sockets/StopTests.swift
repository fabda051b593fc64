import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer

/// Lets a handler wait until the test lets it go on.
private final class Gate: Sendable {
    // Atomics, because ThreadSanitizer does not see through a Mutex of two threads.
    private let enteredCount = Atomic(0)
    private let cancelledCount = Atomic(0)
    private let isOpen = Atomic(false)

    var entered: Int { enteredCount.load(ordering: .sequentiallyConsistent) }
    var cancelled: Int { cancelledCount.load(ordering: .sequentiallyConsistent) }

    func open() { isOpen.store(true, ordering: .sequentiallyConsistent) }

    func pass() async {
        enteredCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while !isOpen.load(ordering: .sequentiallyConsistent) {
            guard (try? await Task.sleep(for: .milliseconds(2))) != nil else {
                cancelledCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
                return
            }
        }
    }
}

extension SocketTests {
    struct StopTests {
        @Test func `Stopping answers what is in flight with Connection: close and refuses who comes new`() async throws
        {
            let gate = Gate()
            let handler: Handler = { request in
                await gate.pass()
                return await echo(request)
            }
            try await withServer(handler: handler) { server, port in
                let (busy, idle, late) = (try Client(port: port), try Client(port: port), try Client(port: port))
                try await busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                try await late.send("GET /late HTTP/1.1\r\n")
                #expect(await eventually { gate.entered == 1 && server.openConnections == 3 })
                async let stopped: Void = server.stop(gracePeriod: .seconds(20))
                #expect(await eventually { (try? Client(port: port)) == nil })
                gate.open()
                try await late.send("Host: a\r\n\r\n")
                for (client, content) in [(busy, "GET / "), (late, "GET /late ")] {
                    let answer = try await client.rest()
                    #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix("\r\n\r\n\(content)"))
                    #expect(answer.contains("\r\nConnection: close\r\n"))
                    client.finishSending()
                }
                #expect(try await idle.rest() == "")
                await stopped
                #expect(server.openConnections == 0)
            }
        }

        @Test func `A client that was just let in may still ask when the server stops`() async throws {
            // A machine so busy that the second which they have passes before they ask proves nothing.
            for _ in 1...10 { if try await clientsOfStoppingServerAreAnswered() { break } }
        }

        /// False where the clients came too late to tell.
        private func clientsOfStoppingServerAreAnswered() async throws -> Bool {
            var isInTime = false
            try await withServer {
                $0.loops = 1
            } _: { server, port in
                let idle = try Client(port: port)
                try await Task.sleep(for: .milliseconds(1100))
                let (fresh, between) = (try Client(port: port), try Client(port: port))
                try await between.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await between.content() == "GET /1 ")
                let start = ContinuousClock.now
                async let stopped: Void = server.stop(gracePeriod: .seconds(20))
                // Who has been idle for longer learns of the stop when it begins.
                #expect(try await idle.rest() == "")
                for client in [fresh, between] { try? await client.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n") }
                isInTime = ContinuousClock.now - start < .milliseconds(800)
                for client in [fresh, between] where isInTime {
                    let answer = try await client.rest()
                    #expect(answer.contains("\r\nConnection: close\r\n") && answer.hasSuffix("GET /2 "))
                }
                for client in [fresh, between] { client.finishSending() }
                await stopped
            }
            return isInTime
        }

        @Test func `An answer under way when the server stops is sent whole, then the connection ends`() async throws {
            let count = 20_000_000
            let handler: Handler = { _ in Response(body: [UInt8](repeating: 0, count: count)) }
            try await withServer(handler: handler) { server, port in
                let client = try Client(port: port, receiveBuffer: 4096)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await client.bytes(through: "\r\n\r\n")
                let start = ContinuousClock.now
                async let stopped: Void = server.stop(gracePeriod: .seconds(60))
                #expect(try await client.rest().utf8.count == count)
                client.finishSending()
                await stopped
                #expect(ContinuousClock.now - start < .seconds(30), "the grace period was waited out")
            }
        }

        @Test func `Short requests that never come whole are waited for one second, long bodies for the grace period`()
            async throws
        {
            let log = LogRecord()
            try await withServer(log: log) { server, port in
                let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n"
                let (half, whole) = (String(repeating: "a", count: 1000), String(repeating: "a", count: 2000))
                let starts = [
                    "GET / HT", "\(head)\r\n\(half)", "\(head)Expect: 100-continue\r\n\r\n",
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
                ]
                let clients = try starts.map { _ in try Client(port: port) }
                for (client, start) in zip(clients, starts) { try await client.send(start) }
                #expect(
                    try await String(decoding: clients[2].bytes(through: "\r\n\r\n"), as: UTF8.self)
                        == "HTTP/1.1 100 Continue\r\n\r\n")
                #expect(await eventually { server.openConnections == 4 })
                let start = ContinuousClock.now
                async let stopped: Void = server.stop(gracePeriod: .seconds(30))
                for client in [clients[0], clients[3]] { #expect(try await client.rest() == "") }
                #expect(ContinuousClock.now - start < .seconds(20), "the grace period was waited out")
                for (client, rest) in zip(clients[1...2], [half, whole]) {
                    try await client.send(rest)
                    let answer = try await client.rest()
                    #expect(answer.contains("\r\nConnection: close\r\n") && answer.hasSuffix("POST / \(whole)"))
                    client.finishSending()
                }
                await stopped
                #expect(ContinuousClock.now - start < .seconds(25), "the grace period was waited out")
                #expect(log.lines == [])
            }
        }

        @Test func `A body that has not come whole at the end of the grace period is cut off, and counted`()
            async throws
        {
            let log = LogRecord()
            try await withServer(log: log) { server, port in
                let client = try Client(port: port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6000\r\n\r\nabc")
                #expect(await eventually { server.openConnections == 1 })
                await server.stop(gracePeriod: .milliseconds(1500))
                #expect(try await client.rest() == "")
                #expect(
                    log.lines == [
                        "warning: requests cut off unanswered at the end of the grace period of 1.5 seconds: 1"
                    ])
            }
        }

        @Test func `What is left after the grace period is cut off, its handler cancelled`() async throws {
            let gate = Gate()
            let handler: Handler = { request in
                await gate.pass()
                return await echo(request)
            }
            let log = LogRecord()
            try await withServer(handler: handler, log: log) { server, port in
                let (client, second, idle) = (try Client(port: port), try Client(port: port), try Client(port: port))
                for client in [client, second] { try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
                #expect(await eventually { gate.entered == 2 && server.openConnections == 3 })
                await server.stop(gracePeriod: .milliseconds(50))
                for client in [client, second, idle] { #expect(try await client.rest() == "") }
                #expect(server.openConnections == 0)
                #expect(
                    log.lines == [
                        "warning: requests cut off unanswered at the end of the grace period of 0.05 seconds: 2"
                    ])
                #expect(await eventually { gate.cancelled == 2 })
            }
        }

        @Test(arguments: [0, 5500]) func `A client that leaves cancels its handler's task`(
            requestsBehind: Int
        ) async throws {
            let gate = Gate()
            let handler: Handler = { request in
                await gate.pass()
                return await echo(request)
            }
            try await withServer(handler: handler) { server, port in
                var client: Client? = try Client(port: port)
                try await client?.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await eventually { gate.entered == 1 })
                // More than is read ahead.
                try await client?.send(
                    String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: requestsBehind))
                client = nil
                #expect(await eventually { gate.cancelled >= 1 && server.openConnections == 0 })
            }
        }

        @Test func `A client that closes its sending side while it waits is taken to have left`() async throws {
            let gate = Gate()
            let handler: Handler = { request in
                await gate.pass()
                return await echo(request)
            }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await eventually { gate.entered == 1 })
                client.finishSending()
                #expect(await eventually { gate.cancelled == 1 })
                #expect(try await client.rest().hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }

        @Test func `Clients that left before they are read are told from those that wait, each in its turn`()
            async throws
        {
            let departed = Atomic(false)
            let waiting = Atomic(0)
            let most = Atomic(0)
            let handler: Handler = { request in
                guard request.head.path != "/block" else {
                    // Keeps the only loop busy until the others have come and gone.
                    while !departed.load(ordering: .acquiring) { usleep(1000) }
                    return await echo(request)
                }
                let now = waiting.wrappingAdd(1, ordering: .relaxed).newValue
                most.max(now, ordering: .relaxed)
                await withTaskCancellationHandler {
                    try? await Task.sleep(for: .seconds(10))
                } onCancel: {
                    waiting.wrappingSubtract(1, ordering: .relaxed)
                }
                return await echo(request)
            }
            try await withServer {
                $0.loops = 1
            } handler: {
                await handler($0)
            } _: { server, port in
                let blocker = try Client(port: port)
                try await blocker.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n")
                for _ in 1...50 { try await Client(port: port).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
                departed.store(true, ordering: .releasing)
                #expect(try await blocker.content() == "GET /block ")
                #expect(await eventually { server.openConnections == 1 })
                #expect(most.load(ordering: .relaxed) == 1)
                #expect(waiting.load(ordering: .relaxed) == 0)
            }
        }

        @Test func `A connection that comes when all have ended, as after a handshake, ends too`() async throws {
            let ended = Mutex<[CloseReason]>([])
            let loop = try ConnectionLoop { _, reason in ended.withLock { $0.append(reason) } }
            loop.drain()
            #expect(await eventually { loop.queue.sync { loop.isDrained } })
            var pair: [Int32] = [-1, -1]
            #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
            defer { close(pair[0]) }
            _ = fcntl(pair[1], F_SETFL, O_NONBLOCK)
            loop.add(IncomingConnection(descriptor: pair[1], peer: nil, listener: ListenerState(.free)))
            #expect(await eventually { ended.withLock { $0 } == [.stopped] })
        }

        @Test func `A port is free again as soon as stop has returned`() async throws {
            for _ in 1...5 {
                try await withServer { server, port in
                    let client = try Client(port: port)
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.content() == "GET / ")
                    await server.stop(gracePeriod: .zero)
                    try await withServer {
                        $0.listeners = [Listener(.tcp(host: "127.0.0.1", port: port))]
                    } _: { _, second in
                        #expect(second == port)
                    }
                }
            }
        }

        @Test func `Stopping twice, and a server that never started, is no harm`() async throws {
            try await withServer { server, _ in
                async let first: Void = server.stop(gracePeriod: .zero)
                async let second: Void = server.stop(gracePeriod: .zero)
                _ = await (first, second)
            }
            let unstarted = HTTPServer(
                configuration: HTTPServerConfiguration(), logger: LogRecord().logger, handler: echo)
            await unstarted.stop(gracePeriod: .zero)
            try await withServer { server, _ in
                await server.stop(gracePeriod: .zero)
            }
        }
    }
}
