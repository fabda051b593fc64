import Foundation
import HTTPServer
import HTTPTypes
import Synchronization
import TestSupport
import Testing

extension SocketTests {
    struct PersistenceTests {
        @Test func `A connection takes one request after another`() async throws {
            try await withServer { server, port in
                let client = try Client(port: port)
                for number in 1...3 {
                    try await client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.content() == "GET /\(number) ")
                }
                #expect(server.openConnections == 1)
            }
        }

        @Test func `A response has a date, a length and no Connection field`() async throws {
            try await withServer { _, port in
                let client = try Client(port: port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try await client.response()
                let date = /Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT\r\n/
                #expect(response.hasPrefix("HTTP/1.1 200 OK\r\nServer: martlet\r\n"))
                #expect(response.contains(date))
                #expect(response.hasSuffix("\r\nContent-Length: 6\r\n\r\nGET / "))
            }
        }

        @Test func `Pipelined requests are answered in their order, the slow first one too`() async throws {
            let handler: Handler = { request in
                if request.head.path == "/1" { try? await Task.sleep(for: .milliseconds(50)) }
                if request.head.path == "/3" { await Task.yield() }
                return await echo(request)
            }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send((1...5).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
                for number in 1...5 { #expect(try await client.content() == "GET /\(number) ") }
            }
        }

        @Test(arguments: [false, true]) func `A flood of pipelined requests is answered whole`(
            suspends: Bool
        ) async throws {
            let handler: Handler = { request in
                if suspends { await Task.yield() }
                return await echo(request)
            }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                // More than is read ahead.
                try await client.send(String(repeating: "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", count: 4000))
                client.finishSending()
                let text = try await client.rest()
                #expect(text.matches(of: /HTTP\/1.1 200 OK/).count == 4000)
            }
        }

        @Test func `A client that closes its sending side gets the answers that need no waiting, then the end`()
            async throws
        {
            try await withServer { _, port in
                let client = try Client(port: port)
                try await client.send((1...3).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
                client.finishSending()
                for number in 1...3 { #expect(try await client.content() == "GET /\(number) ") }
                #expect(try await client.rest() == "")
            }
        }

        @Test func `Connection: close is answered with the same, and the end`() async throws {
            try await withServer { server, port in
                let client = try Client(port: port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try await client.response().contains("\r\nConnection: close\r\n"))
                #expect(try await client.rest() == "")
                client.finishSending()
                #expect(await eventually { server.openConnections == 0 })
            }
        }

        @Test func `HTTP/1.0 ends after one answer unless it asks to go on, and is told so`() async throws {
            try await withServer { _, port in
                let once = try Client(port: port)
                try await once.send("GET / HTTP/1.0\r\n\r\n")
                #expect(try await once.rest().contains("\r\nConnection: close\r\n"))
                let twice = try Client(port: port)
                for _ in 1...2 {
                    try await twice.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    #expect(try await twice.response().contains("\r\nConnection: keep-alive\r\n"))
                }
            }
        }

        @Test func `HEAD is answered with the length of the content and without it`() async throws {
            try await withServer { _, port in
                let client = try Client(port: port)
                try await client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
                let head = String(decoding: try await client.bytes(through: "\r\n\r\n"), as: UTF8.self)
                #expect(head.contains("\r\nContent-Length: 7\r\n"))
                #expect(try await client.content() == "GET /2 ")
            }
        }

        @Test(
            arguments: [
                "\r\n", "Host: a\r\nContent-Length: 99999999999\r\n\r\n", "Host: a\r\nExpect: x\r\n\r\n",
                "Host: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "bad\n",
            ])
        func `The refusal of a HEAD request has no content either`(rest: String) async throws {
            try await withServer { _, port in
                let client = try Client(port: port)
                try await client.send("HEAD / HTTP/1.1\r\n\(rest)")
                let refusal = try await client.rest()
                #expect(refusal.hasPrefix("HTTP/1.1 4"))
                #expect(refusal.hasSuffix("\r\nContent-Type: text/plain\r\n\r\n"), "\(refusal.debugDescription)")
            }
        }

        @Test(
            arguments: [
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHEAD \r\nHEAD x\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nHEAD / HTTP/1.1\r\n",
                "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            ])
        func `The refusal of another request has content, though "HEAD" stands around it`(text: String) async throws {
            try await withServer { _, port in
                let client = try Client(port: port)
                try await client.send(text)
                let refusal = try await client.rest()
                #expect(refusal.contains("\r\nContent-Type: text/plain\r\n\r\n"))
                #expect(!refusal.hasSuffix("\r\n\r\n"), "\(refusal.debugDescription)")
            }
        }

        @Test(arguments: [204, 304]) func `A status without content gets none, whatever the handler says`(
            status: Int
        ) async throws {
            let handler: Handler = { request in
                if request.head.path == "/2" { return await echo(request) }
                return Response(
                    status: .init(code: status), headerFields: [.transferEncoding: "chunked", .eTag: "x"],
                    body: Array("GARBAGE".utf8))
            }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
                let head = String(decoding: try await client.bytes(through: "\r\n\r\n"), as: UTF8.self)
                #expect(head.hasPrefix("HTTP/1.1 \(status) ") && head.contains("\r\nETag: x\r\n"))
                #expect(!head.contains("Content-Length") && !head.contains("Transfer-Encoding"))
                #expect(try await client.content() == "GET /2 ")
            }
        }

        @Test func `Whoever pipelines many requests lets others have their turn`() async throws {
            let isHandling = Atomic(false)
            let mayGoOn = Atomic(false)
            let handled = Atomic(0)
            let handler: Handler = { request in
                // Keeps the only loop busy until all requests have arrived.
                isHandling.store(true, ordering: .releasing)
                while !mayGoOn.load(ordering: .acquiring) { usleep(1000) }
                let number = handled.wrappingAdd(1, ordering: .relaxed).oldValue
                return Response(body: Array("\(request.head.path ?? "") \(number)".utf8))
            }
            try await withServer({ $0.loops = 1 }, handler: handler) { _, port in
                let (many, one) = (try Client(port: port), try Client(port: port))
                try await one.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await eventually { isHandling.load(ordering: .acquiring) })
                try await many.send(String(repeating: "GET /many HTTP/1.1\r\nHost: a\r\n\r\n", count: 1500))
                try await one.send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
                mayGoOn.store(true, ordering: .releasing)
                #expect(try await one.content() == "/first 0")
                let number = try await one.content().split(separator: " ").last.flatMap { Int($0) }
                #expect(try #require(number) < 1000)
                for _ in 1...1500 { #expect(try await many.content().hasPrefix("/many ")) }
            }
        }

        @Test func `A flood of pipelined requests is answered whole`() async throws {
            try await withServer { _, port in
                let client = try Client(port: port)
                // More than is read ahead.
                try await client.send(String(repeating: "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", count: 8000))
                client.finishSending()
                #expect(try await client.rest().matches(of: /HTTP\/1.1 200 OK/).count == 8000)
            }
        }

        @Test func `A refused request is answered, and the connection ends`() async throws {
            try await withServer { _, port in
                let client = try Client(port: port)
                try await client.send(
                    "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n")
                #expect(try await client.content() == "GET /1 ")
                let refusal = try await client.rest()
                #expect(refusal.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
                #expect(refusal.contains("\r\nConnection: close\r\n"))
                #expect(refusal.hasSuffix("\r\n\r\nthe Host field is missing\n"))
            }
        }
    }
}
