import HTTPServer
import TestSupport
import Testing

extension SocketTests {
    struct TimeoutTests {
        /// Sends one byte every 20 ms.
        private func send(_ text: String, to client: Client) async throws {
            for byte in text.utf8 {
                try await client.send([byte])
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        @Test func `A head that comes too slowly is answered with 408, though every byte comes soon`() async throws {
            try await withServer {
                $0.headTimeout = .milliseconds(200)
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send("GET / HTTP/1.1\r\n")
                try await send("X-Field: " + String(repeating: "x", count: 20), to: client)
                try await client.send("\r\nHost: a\r\n\r\n")
                let answer = try await client.rest()
                #expect(answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
                #expect(answer.contains("\r\nConnection: close\r\n"))
            }
        }

        @Test func `A head longer than what is read ahead of an answer is read to its end`() async throws {
            try await withServer {
                $0.maximumHeadBytes = 128 << 10
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ")
                for _ in 0..<5 {
                    try await client.send(String(repeating: "x", count: 20 << 10))
                    try await Task.sleep(for: .milliseconds(20))
                }
                try await client.send("\r\n\r\n")
                #expect(try await client.content() == "GET / ")
            }
        }

        @Test func `The time of a head begins anew with each request`() async throws {
            try await withServer {
                $0.headTimeout = .milliseconds(400)
            } _: { _, port in
                let client = try Client(port: port)
                for number in 1...4 {
                    try await client.send("GET /\(number) HTTP/1.1\r\n")
                    try await Task.sleep(for: .milliseconds(150))
                    try await client.send("Host: a\r\n\r\n")
                    #expect(try await client.content() == "GET /\(number) ")
                }
            }
        }

        @Test(arguments: ["Content-Length: 9\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\n"])
        func `A body that stops is answered with 408`(framing: String) async throws {
            try await withServer {
                $0.bodyTimeout = .milliseconds(100)
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\n\(framing)")
                #expect(try await client.rest().hasPrefix("HTTP/1.1 408 "))
            }
        }

        @Test func `A body that trickles is answered with 408, though every byte comes soon`() async throws {
            try await withServer {
                ($0.bodyTimeout, $0.minimumBodyRate) = (.milliseconds(200), 1000)
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\n")
                try await send(String(repeating: "x", count: 30), to: client)
                #expect(try await client.rest().hasPrefix("HTTP/1.1 408 "))
            }
        }

        @Test func `A body that came fast and then trickles is answered with 408`() async throws {
            try await withServer {
                ($0.bodyTimeout, $0.minimumBodyRate) = (.milliseconds(200), 1000)
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100050\r\n\r\n")
                try await client.send([UInt8](repeating: 0, count: 100_000))
                try await send(String(repeating: "x", count: 50), to: client)
                #expect(try await client.rest().hasPrefix("HTTP/1.1 408 "))
            }
        }

        @Test func `A body may take longer than its time-out as long as it keeps to the least rate`() async throws {
            try await withServer {
                ($0.bodyTimeout, $0.minimumBodyRate) = (.milliseconds(300), 1000)
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n")
                for _ in 1...20 {
                    try await client.send(String(repeating: "x", count: 1000))
                    try await Task.sleep(for: .milliseconds(40))
                }
                #expect(try await client.content().utf8.count == "POST / ".utf8.count + 20_000)
            }
        }

        @Test func `A body has its own time from the end of the head on`() async throws {
            try await withServer {
                ($0.headTimeout, $0.bodyTimeout) = (.milliseconds(100), .seconds(20))
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
                try await Task.sleep(for: .milliseconds(300))
                try await client.send("hi")
                #expect(try await client.content() == "POST / hi")
            }
        }

        @Test func `A connection without a request ends without an answer`() async throws {
            try await withServer {
                $0.idleTimeout = .milliseconds(100)
            } _: { server, port in
                let (silent, served) = (try Client(port: port), try Client(port: port))
                try await served.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await served.content() == "GET / ")
                #expect(try await silent.rest() == "")
                #expect(try await served.rest() == "")
                #expect(await eventually { server.openConnections == 0 })
            }
        }

        @Test func `Empty lines do not keep a connection open`() async throws {
            try await withServer { _, port in
                let client = try Client(port: port)
                try await send(String(repeating: "\r\n", count: 9), to: client)
                #expect(try await client.rest().hasPrefix("HTTP/1.1 400 "))
            }
        }

        @Test func `A handler may take longer than every time-out`() async throws {
            let handler: Handler = { request in
                try? await Task.sleep(for: .milliseconds(250))
                return await echo(request)
            }
            try await withServer(
                {
                    ($0.headTimeout, $0.bodyTimeout) = (.milliseconds(50), .milliseconds(50))
                    ($0.idleTimeout, $0.writeTimeout) = (.milliseconds(50), .milliseconds(50))
                }, handler: handler
            ) { _, port in
                let client = try Client(port: port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.content() == "GET / ")
            }
        }

        /// Reads 4 kB every 10 ms until there is no more; gives how much there was.
        private func sip(_ client: Client, atMost limit: Int) async throws -> Int {
            for count in stride(from: 0, to: limit, by: 4096) {
                guard (try? await client.bytes(4096)) != nil else { return count }
                try await Task.sleep(for: .milliseconds(10))
            }
            return limit
        }

        @Test(arguments: [(10_000_000, true), (1000, false)])
        func `A client that sips at a large answer is cut off below the least rate`(rate: Int, isCut: Bool) async throws
        {
            let handler: Handler = { _ in Response(body: [UInt8](repeating: 0, count: 20_000_000)) }
            try await withServer(
                { ($0.writeTimeout, $0.minimumWriteRate) = (.milliseconds(500), rate) }, handler: handler
            ) { server, port in
                let client = try Client(port: port, receiveBuffer: 16384)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let count = try await sip(client, atMost: isCut ? 20_000_000 : 800_000)
                #expect(isCut == (count < 20_000_000 && server.openConnections == 0), "\(count) bytes")
            }
        }

        @Test func `A client that takes nothing of its answer is cut off`() async throws {
            let handler: Handler = { _ in Response(body: [UInt8](repeating: 0, count: 20_000_000)) }
            try await withServer({ $0.writeTimeout = .milliseconds(100) }, handler: handler) { server, port in
                let client = try Client(port: port, receiveBuffer: 4096)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await client.bytes(1)
                #expect(await eventually { server.openConnections == 0 })
            }
        }
    }
}
