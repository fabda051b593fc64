import HTTPServer
import HTTPTypes
import TestSupport
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

extension SocketTests {
    struct StreamTests {
        private let streams = CountedStreams()

        /// Answers with `one`, `two`, `three`.
        private var handler: Handler {
            { [streams] _ in Response(stream: streams.words(["one", "two", "three"])) }
        }

        private func text(_ client: Client, through end: String) async throws -> String {
            String(decoding: try await client.bytes(through: end), as: UTF8.self)
        }

        @Test func `A stream comes in chunks, and the connection goes on after it`() async throws {
            try await withServer(handler: handler) { server, port in
                let client = try Client(port: port)
                for _ in 1...3 {
                    try await client.send(get)
                    let head = try await text(client, through: "\r\n\r\n")
                    #expect(head.hasSuffix(" GMT\r\nTransfer-Encoding: chunked\r\n\r\n"))
                    #expect(!head.contains("Content-Length") && !head.contains("Connection"))
                    let content = try await text(client, through: "0\r\n\r\n")
                    #expect(content == "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")
                }
                #expect(server.openConnections == 1)
            }
        }

        @Test func `A chunk's size is hexadecimal, and an empty chunk is none`() async throws {
            let long = String(repeating: "x", count: 0x1A2B)
            let handler: Handler = { [streams] _ in Response(stream: streams.words(["", "a", "", long, ""])) }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send(get)
                _ = try await client.bytes(through: "\r\n\r\n")
                #expect(try await text(client, through: "0\r\n\r\n") == "1\r\na\r\n1a2b\r\n\(long)\r\n0\r\n\r\n")
            }
        }

        @Test func `A stream without chunks has a last one all the same`() async throws {
            let handler: Handler = { [streams] _ in Response(stream: streams.words([])) }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send(get + get)
                for _ in 1...2 {
                    #expect(try await text(client, through: "\r\n\r\n0\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
                }
            }
        }

        @Test func `An asynchronous sequence is a stream`() async throws {
            let handler: Handler = { _ in
                let (chunks, source) = AsyncStream.makeStream(of: [UInt8].self)
                for word in ["a", "", "bc"] { source.yield(Array(word.utf8)) }
                source.finish()
                return Response(stream: ResponseStream(chunks))
            }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send(get)
                #expect(
                    try await text(client, through: "0\r\n\r\n").hasSuffix("\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"))
            }
        }

        @Test func `The head is sent before the first chunk is there`() async throws {
            let handler: Handler = { [streams] _ in
                Response(headerFields: [.contentType: "text/event-stream"], stream: streams.silence())
            }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send(get)
                #expect(try await text(client, through: "\r\n\r\n").contains("Content-Type: text/event-stream\r\n"))
            }
        }

        @Test(arguments: ["", "Connection: keep-alive\r\n"])
        func `A client of HTTP/1.0 gets the plain bytes, then the end`(field: String) async throws {
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send("GET / HTTP/1.0\r\n\(field)\r\n")
                let answer = try await client.rest()
                #expect(answer.contains("\r\nConnection: close\r\n") && answer.hasSuffix("\r\n\r\nonetwothree"))
                #expect(!answer.contains("Transfer-Encoding") && !answer.contains("Content-Length"))
            }
        }

        @Test func `Connection: close ends the connection after the last chunk`() async throws {
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let answer = try await client.rest()
                #expect(answer.contains("\r\nConnection: close\r\n") && answer.hasSuffix("three\r\n0\r\n\r\n"))
            }
        }

        @Test(arguments: ["1.0", "1.1"])
        func `HEAD gets the head alone, and no chunk is asked for`(version: String) async throws {
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                let head = "HEAD / HTTP/\(version)\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"
                try await client.send(head + head)
                for _ in 1...2 {
                    let text = try await text(client, through: "\r\n\r\n")
                    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && !text.contains("Content-Length"))
                    #expect(text.contains("Transfer-Encoding: chunked") == (version == "1.1"))
                }
                #expect(streams.chunksAsked == 0)
            }
        }

        @Test(arguments: [204, 304]) func `A status without content has no stream`(status: Int) async throws {
            let handler: Handler = { [streams] _ in
                Response(status: .init(code: status), stream: streams.words(["GARBAGE"]))
            }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send(get + get)
                for _ in 1...2 {
                    let head = try await text(client, through: "\r\n\r\n")
                    #expect(head.hasPrefix("HTTP/1.1 \(status) ") && !head.contains("Transfer-Encoding"))
                }
                #expect(streams.chunksAsked == 0)
            }
        }

        @Test func `A flood of requests during a stream is answered after it`() async throws {
            let handler: Handler = { [streams] request in
                guard request.head.path == "/" else { return await echo(request) }
                return Response(stream: streams.words(["1", "2", "3"], pause: .milliseconds(20)))
            }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                // More than is read ahead.
                try await client.send(get + String(repeating: "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", count: 4000))
                #expect(
                    try await text(client, through: "0\r\n\r\n").hasSuffix(
                        "\r\n\r\n1\r\n1\r\n1\r\n2\r\n1\r\n3\r\n0\r\n\r\n"))
                for _ in 1...4000 { #expect(try await client.content() == "GET /x ") }
            }
        }

        @Test func `A stream is asked for no more than its client takes`() async throws {
            let handler: Handler = { [streams] _ in Response(stream: streams.zeros(100_000)) }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port, receiveBuffer: 4096)
                try await client.send(get)
                _ = try await client.bytes(through: "\r\n\r\n")
                // What the kernel takes without a reader differs between machines; it is some megabytes.
                var before = -1
                #expect(
                    await eventually {
                        defer { before = streams.chunksAsked }
                        return before > 0 && before == streams.chunksAsked
                    })
                #expect(streams.chunksAsked < 1000)
                let stalled = streams.chunksAsked
                _ = try await client.bytes(20_000_000)
                #expect(streams.chunksAsked > stalled)
            }
        }
    }
}
