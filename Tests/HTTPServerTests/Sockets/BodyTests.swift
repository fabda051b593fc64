import Foundation
import HTTPServer
import HTTPTypes
import Synchronization
import TestSupport
import Testing

extension SocketTests {
    struct BodyTests {
        /// `count` different lines of ten bytes.
        private func numbers(_ count: Int) -> [UInt8] {
            (100_000_000..<100_000_000 + count).flatMap { Array("\($0)\n".utf8) }
        }

        @Test func `A chunked upload in many pieces arrives whole`() async throws {
            try await withServer { _, port in
                let client = try Client(port: port)
                try await client.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for word in ["one", "two", "three"] {
                    try await client.send("\(word.utf8.count)\r\n")
                    try await Task.sleep(for: .milliseconds(3))
                    try await client.send("\(word)\r\n")
                }
                try await client.send("0\r\n\r\n")
                #expect(try await client.content() == "POST /up onetwothree")
            }
        }

        @Test func `Five megabytes come back as they were sent`() async throws {
            let body = numbers(500_000)
            try await withServer(handler: { Response(body: $0.body) }) { _, port in
                let client = try Client(port: port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
                try await client.send(body)
                _ = try await client.bytes(through: "\r\n\r\n")
                #expect(try await client.bytes(body.count) == body)
            }
        }

        @Test func `A client that expects it is told to continue`() async throws {
            try await withServer { _, port in
                let client = try Client(port: port)
                for _ in 1...2 {
                    try await client.send(
                        "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
                    #expect(try await client.response() == "HTTP/1.1 100 Continue\r\n\r\n")
                    try await client.send("hello")
                    #expect(try await client.content() == "PUT / hello")
                }
            }
        }

        @Test func `A client is told to continue after a large answer has been taken`() async throws {
            let large = [UInt8](repeating: UInt8(ascii: "x"), count: 4 << 20)
            let handler: Handler = { $0.head.method == .get ? Response(body: large) : await echo($0) }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port, receiveBuffer: 4096)
                try await client.send(
                    "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                        + "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
                try await Task.sleep(for: .milliseconds(20))
                #expect(try await client.content().utf8.count == large.count)
                #expect(try await client.response() == "HTTP/1.1 100 Continue\r\n\r\n")
                try await client.send("hi")
                #expect(try await client.content() == "PUT / hi")
            }
        }

        @Test(arguments: ["Content-Length: 3000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n2dc6c0\r\n"])
        func `Whoever sends too much can read the 413, then the connection ends`(framing: String) async throws {
            try await withServer {
                $0.maximumBodyBytes = 1000
            } _: { server, port in
                let client = try Client(port: port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\n\(framing)")
                try await client.send([UInt8](repeating: 0, count: 3_000_000))
                let answer = try await client.rest()
                #expect(answer.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
                #expect(answer.contains("\r\nConnection: close\r\n"))
                client.finishSending()
                #expect(await eventually { server.openConnections == 0 })
            }
        }

        @Test func `Whoever needs a while to send too much can read the 413`() async throws {
            try await withServer {
                $0.maximumBodyBytes = 1000
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
                let end = ContinuousClock.now + .seconds(4)
                while ContinuousClock.now < end {
                    try await client.send([UInt8](repeating: 0, count: 100))
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(try await client.rest().hasPrefix("HTTP/1.1 413 "))
            }
        }

        @Test func `Who expects to continue with too much is refused at once`() async throws {
            try await withServer {
                $0.maximumBodyBytes = 1000
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send(
                    "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n")
                #expect(try await client.rest().hasPrefix("HTTP/1.1 413 "))
            }
        }

        @Test func `Twenty megabytes reach a slow reader whole`() async throws {
            let body = numbers(2_000_000)
            try await withServer(handler: { _ in Response(body: body) }) { _, port in
                let client = try Client(port: port, receiveBuffer: 256 << 10)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await client.bytes(through: "\r\n\r\n")
                for start in stride(from: 0, to: body.count, by: 1_000_000) {
                    try await Task.sleep(for: .milliseconds(5))
                    let part = try await client.bytes(1_000_000)
                    #expect(part[...] == body[start..<start + 1_000_000], "from byte \(start)")
                }
            }
        }

        @Test func `Reading a large body holds up no other connection of its loop`() async throws {
            let isAnswered = Atomic(false)
            let handler: Handler = { request in
                let end = ContinuousClock.now + .seconds(5)
                while !request.body.isEmpty, !isAnswered.load(ordering: .acquiring), .now < end { usleep(1000) }
                return Response(body: Array("\(isAnswered.load(ordering: .acquiring))".utf8))
            }
            try await withServer {
                $0.loops = 1
            } handler: {
                await handler($0)
            } _: { _, port in
                let (large, small) = (try Client(port: port), try Client(port: port))
                let body = String(repeating: "a", count: 300 << 10)
                try await large.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                try await small.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await small.content() == "false")
                isAnswered.store(true, ordering: .releasing)
                #expect(try await large.content() == "true")
            }
        }
    }
}
