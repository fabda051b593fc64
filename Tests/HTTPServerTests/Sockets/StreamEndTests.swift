import HTTPServer
import HTTPTypes
import TestSupport
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

extension SocketTests {
    struct StreamEndTests {
        private let streams = CountedStreams()

        private var silence: Handler { { [streams] _ in Response(stream: streams.silence()) } }
        private var zeros: Handler { { [streams] _ in Response(stream: streams.zeros(100_000)) } }

        @Test(arguments: [0, 1, 5500])
        func `A client that leaves cancels the stream that waits for its next chunk`(requestsBehind: Int) async throws {
            try await withServer(handler: silence) { server, port in
                var client: Client? = try Client(port: port)
                try await client?.send(get + String(repeating: get, count: requestsBehind))
                #expect(await eventually { streams.chunksAsked == 1 })
                client = nil
                #expect(await eventually { streams.cancellations == 1 && server.openConnections == 0 })
                #expect(streams.chunksAsked == 1)
            }
        }

        @Test func `A client that leaves in the middle of a chunk is asked for no more`() async throws {
            try await withServer(handler: zeros) { server, port in
                var client: Client? = try Client(port: port, receiveBuffer: 4096)
                try await client?.send(get)
                _ = try await client?.bytes(100_000)
                client = nil
                #expect(await eventually { server.openConnections == 0 })
                let asked = streams.chunksAsked
                try await Task.sleep(for: .milliseconds(20))
                #expect(streams.chunksAsked == asked)
            }
        }

        @Test(arguments: [false, true])
        func `A client that closes its sending side is taken to have left`(atOnce: Bool) async throws {
            try await withServer(handler: silence) { server, port in
                let client = try Client(port: port)
                try await client.send(get)
                if !atOnce { #expect(await eventually { streams.chunksAsked == 1 }) }
                client.finishSending()
                #expect(try await !client.rest().hasSuffix("0\r\n\r\n"))
                #expect(
                    await eventually { server.openConnections == 0 && streams.cancellations == streams.chunksAsked })
            }
        }

        @Test func `A stream may be silent for longer than every time-out`() async throws {
            let handler: Handler = { [streams] _ in
                Response(stream: streams.words(["a", "b"], pause: .milliseconds(300)))
            }
            try await withServer(
                {
                    ($0.headTimeout, $0.bodyTimeout) = (.milliseconds(50), .milliseconds(50))
                    ($0.idleTimeout, $0.writeTimeout) = (.milliseconds(50), .milliseconds(50))
                }, handler: handler
            ) { _, port in
                let client = try Client(port: port)
                try await client.send(get)
                let content = String(decoding: try await client.bytes(through: "0\r\n\r\n"), as: UTF8.self)
                #expect(content.hasSuffix("\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"))
            }
        }

        @Test func `A client that takes nothing of a stream is cut off`() async throws {
            try await withServer({ $0.writeTimeout = .milliseconds(100) }, handler: zeros) { server, port in
                let client = try Client(port: port, receiveBuffer: 4096)
                try await client.send(get)
                _ = try await client.bytes(1)
                #expect(await eventually { server.openConnections == 0 })
            }
        }

        @Test func `A client that has not taken what it was sent is cut off also while there is nothing to send`()
            async throws
        {
            // The server's kernel takes all of it, the client's machine not half.
            let long = String(repeating: "x", count: 300_000)
            let handler: Handler = { [streams] _ in Response(stream: streams.words([long, "y"], pause: .seconds(1))) }
            try await withServer({ $0.writeTimeout = .milliseconds(200) }, handler: handler) { server, port in
                let client = try Client(port: port, receiveBuffer: 4096)
                try await client.send(get)
                #expect(await eventually { streams.chunksAsked == 2 })
                #expect(await eventually { server.openConnections == 0 && streams.cancellations == 1 })
            }
        }

        @Test(arguments: [(100_000_000, true), (1000, false)])
        func `A client that sips at a stream is cut off below the least rate`(rate: Int, isCut: Bool) async throws {
            // One chunk that the kernel does not take at once.
            let handler: Handler = { [streams] _ in Response(stream: streams.zeros(20_000_000)) }
            try await withServer(
                { ($0.writeTimeout, $0.minimumWriteRate) = (.milliseconds(500), rate) }, handler: handler
            ) { server, port in
                let client = try Client(port: port, receiveBuffer: 16384)
                try await client.send(get)
                let limit = isCut ? 20_000_000 : 800_000
                var count = 0
                while count < limit, (try? await client.bytes(4096)) != nil {
                    count += 4096
                    try await Task.sleep(for: .milliseconds(10))
                }
                #expect(isCut == (count < limit && server.openConnections == 0), "\(count) bytes")
            }
        }

        @Test func `A server that stops ends streams with their last chunk, long before the grace period is over`()
            async throws
        {
            let log = LogRecord()
            let handler: Handler = { [streams] request in
                request.head.path == "/"
                    ? Response(stream: streams.silence())
                    : Response(stream: streams.words(Array(repeating: ".", count: 10_000), pause: .milliseconds(5)))
            }
            try await withServer(handler: handler, log: log) { server, port in
                let (silent, busy) = (try Client(port: port), try Client(port: port))
                try await silent.send(get)
                try await busy.send("GET /busy HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await eventually { streams.chunksAsked > 10 })
                let start = ContinuousClock.now
                async let stopped: Void = server.stop(gracePeriod: .seconds(60))
                for client in [silent, busy] {
                    #expect(try await client.rest().hasSuffix("\r\n0\r\n\r\n"))
                    client.finishSending()
                }
                await stopped
                #expect(ContinuousClock.now - start < .seconds(30), "the grace period was waited out")
                // The busy one may have been cancelled while it was not waiting.
                #expect(await eventually { streams.cancellations >= 1 })
                let asked = streams.chunksAsked
                try await Task.sleep(for: .milliseconds(30))
                #expect(streams.chunksAsked == asked)
                #expect(log.lines == [])
            }
        }

        @Test func `Without a grace period streams end with their last chunk too`() async throws {
            let log = LogRecord()
            try await withServer(handler: silence, log: log) { server, port in
                let client = try Client(port: port)
                try await client.send(get)
                #expect(await eventually { streams.chunksAsked == 1 })
                await server.stop(gracePeriod: .zero)
                #expect(try await client.rest().hasSuffix("\r\n\r\n0\r\n\r\n"))
                #expect(await eventually { streams.cancellations == 1 })
                #expect(log.lines == [])
            }
        }

        @Test func `A stream whose client takes nothing is cut off at the end of the grace period`() async throws {
            let log = LogRecord()
            try await withServer(handler: zeros, log: log) { server, port in
                let client = try Client(port: port, receiveBuffer: 4096)
                try await client.send(get)
                var before = -1
                #expect(
                    await eventually {
                        defer { before = streams.chunksAsked }
                        return before > 0 && before == streams.chunksAsked
                    })
                await server.stop(gracePeriod: .milliseconds(50))
                #expect(server.openConnections == 0)
                #expect(log.lines.count == 1)
            }
        }
    }
}
