import Foundation
import HTTPServer
import HTTPTypes
import Synchronization
import TestSupport
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .sequentiallyConsistent) }

    func set() { value.store(true, ordering: .sequentiallyConsistent) }
}

extension SocketTests {
    struct EncryptedConnectionTests {
        private func client(_ port: Int, receiveBuffer: Int32? = nil) async throws -> Client {
            try await Client(port: port, receiveBuffer: receiveBuffer, tls: ClientTLS())
        }

        @Test func `A handler learns that a request came encrypted`() async throws {
            let handler: Handler = { Response(body: Array("\($0.isSecure) \($0.head.scheme ?? "")".utf8)) }
            let configuration = HTTPServerConfiguration(listeners: [
                .free, Listener(.tcp(host: "127.0.0.1", port: 0), tls: TLSConfiguration(.selfSigned)),
            ])
            let server = HTTPServer(configuration: configuration, logger: LogRecord().logger, handler: handler)
            let ports = try server.start().compactMap(\.port)
            let plain = try Client(port: ports[0])
            try await plain.send(get)
            #expect(try await plain.content() == "false http")
            let encrypted = try await client(ports[1])
            try await encrypted.send(get)
            #expect(try await encrypted.content() == "true https")
            await server.stop(gracePeriod: .zero)
        }

        @Test func `A connection takes one request after another, and pipelined ones`() async throws {
            try await withTLSServer { server, port in
                let client = try await client(port)
                for number in 1...3 {
                    try await client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.content() == "GET /\(number) ")
                }
                try await client.send((1...50).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
                for number in 1...50 { #expect(try await client.content() == "GET /\(number) ") }
                #expect(server.openConnections == 1)
            }
        }

        @Test(arguments: [false, true]) func `A flood of pipelined requests is answered whole`(
            suspends: Bool
        ) async throws {
            let handler: Handler = { request in
                if suspends { await Task.yield() }
                return await echo(request)
            }
            try await withTLSServer(handler: handler) { _, port in
                let client = try await client(port)
                // More than is read ahead, in records that end in the middle of requests.
                try await client.send(String(repeating: "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", count: 4000))
                client.finishSending()
                #expect(try await client.rest().matches(of: /HTTP\/1.1 200 OK/).count == 4000)
            }
        }

        @Test func `Five megabytes come back as they were sent`() async throws {
            let body = (100_000_000..<100_500_000).flatMap { Array("\($0)\n".utf8) }
            try await withTLSServer(handler: { Response(body: $0.body) }) { _, port in
                let client = try await client(port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
                try await client.send(body)
                _ = try await client.bytes(through: "\r\n\r\n")
                #expect(try await client.bytes(body.count) == body)
            }
        }

        @Test func `Twenty megabytes reach a slow reader whole`() async throws {
            let body = (100_000_000..<102_000_000).flatMap { Array("\($0)\n".utf8) }
            try await withTLSServer(handler: { _ in Response(body: body) }) { _, port in
                let client = try await client(port, receiveBuffer: 64 << 10)
                try await client.send(get)
                _ = try await client.bytes(through: "\r\n\r\n")
                for start in stride(from: 0, to: body.count, by: 1_000_000) {
                    try await Task.sleep(for: .milliseconds(5))
                    let part = try await client.bytes(1_000_000)
                    #expect(part[...] == body[start..<start + 1_000_000], "from byte \(start)")
                }
            }
        }

        @Test func `A stream comes in chunks`() async throws {
            let streams = CountedStreams()
            let handler: Handler = { _ in Response(stream: streams.words(["one", "two"], pause: .milliseconds(5))) }
            try await withTLSServer(handler: handler) { _, port in
                let client = try await client(port)
                try await client.send(get)
                let content = String(decoding: try await client.bytes(through: "0\r\n\r\n"), as: UTF8.self)
                #expect(content.hasSuffix("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"))
            }
        }

        @Test func `An answer that ends the connection is followed by close_notify`() async throws {
            try await withTLSServer { server, port in
                let client = try await client(port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                // An end without close_notify would be an error here.
                #expect(try await client.rest().hasSuffix("\r\n\r\nGET / "))
                client.finishSending()
                #expect(await eventually { server.openConnections == 0 })
                #expect(server.statistics.closed[.finished] == 1)
            }
        }

        @Test func `An idle connection that is closed is told so with close_notify`() async throws {
            try await withTLSServer({ $0.idleTimeout = .milliseconds(100) }) { server, port in
                let client = try await client(port)
                #expect(try await client.rest() == "")
                #expect(await eventually { server.statistics.closed[.idleTimeout] == 1 })
            }
        }

        @Test func `A stream that is cut off does not look complete, RFC 9112 section 9.8`() async throws {
            let streams = CountedStreams()
            let handler: Handler = { _ in Response(stream: streams.zeros(100_000)) }
            try await withTLSServer({ $0.writeTimeout = .milliseconds(100) }, handler: handler) { server, port in
                let client = try await client(port, receiveBuffer: 4096)
                // Of HTTP/1.0: only the end of the connection tells where the content ends.
                try await client.send("GET / HTTP/1.0\r\n\r\n")
                _ = try await client.bytes(1)
                #expect(await eventually { server.statistics.closed[.writeTimeout] == 1 })
                await #expect(throws: Client.Failure.self) { try await client.rest() }
            }
        }

        @Test(arguments: [false, true])
        func `A body that ends without close_notify, or with it, is cut off and answered by no handler`(
            says: Bool
        ) async throws {
            try await withTLSServer { server, port in
                let client = try await client(port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
                if says { client.finishSending() } else { client.cutSending() }
                // Nor is it told that all is well where the connection was lost.
                #expect((try? await client.rest()) == (says ? "" : nil))
                #expect(await eventually { server.statistics.closed[.clientLeft] == 1 })
            }
        }

        @Test(arguments: [false, true]) func `Who sends a request and close_notify gets the answer, and the end`(
            closes: Bool
        ) async throws {
            try await withTLSServer({ $0.loops = 1 }) { _, port in
                let client = try await client(port)
                try await client.send(get + get)
                if closes { client.finishSending() } else { client.sendCloseNotify() }
                #expect(try await client.content() == "GET / ")
                #expect(try await client.rest().hasSuffix("GET / "))
            }
        }

        @Test func `An end that arrives together with a request is seen`() async throws {
            let (isHandling, mayGoOn) = (Flag(), Flag())
            let handler: Handler = { request in
                // Keeps the only loop busy until all of it has arrived.
                isHandling.set()
                while !mayGoOn.isSet { usleep(1000) }
                return await echo(request)
            }
            try await withTLSServer({ $0.loops = 1 }, handler: handler) { _, port in
                let (first, second) = (try await client(port), try await client(port))
                try await first.send(get)
                #expect(await eventually { isHandling.isSet })
                try await second.send(get)
                second.sendCloseNotify()
                mayGoOn.set()
                #expect(try await second.rest().hasSuffix("GET / "))
                withExtendedLifetime(first) {}
            }
        }

        @Test func `A request that arrives while the one before it begins to wait is answered`() async throws {
            let (isHandling, hasArrived) = (Flag(), Flag())
            let handler: Handler = { request in
                // Until the next one has arrived; then it waits, and whether the client is still there is looked at.
                isHandling.set()
                while !hasArrived.isSet { usleep(1000) }
                try? await Task.sleep(for: .milliseconds(1))
                return await echo(request)
            }
            try await withTLSServer({ $0.loops = 1 }, handler: handler) { _, port in
                let client = try await client(port)
                try await client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await eventually { isHandling.isSet })
                try await client.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
                usleep(100_000)
                hasArrived.set()
                #expect(try await client.content() == "GET /1 ")
                #expect(try await client.content() == "GET /2 ")
            }
        }

        @Test func `A client may change its keys, but not do that alone, RFC 8446 section 4.6.3`() async throws {
            try await withTLSServer { server, port in
                let client = try await client(port)
                for number in 1...10 {
                    for _ in 1...10 { client.updateKeys() }
                    try await client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.content() == "GET /\(number) ")
                }
                for _ in 1...1000 { client.updateKeys() }
                #expect(await eventually { server.openConnections == 0 })
            }
        }

        @Test func `An end after new keys is seen, and so is a request`() async throws {
            try await withTLSServer { server, port in
                let client = try await client(port)
                try await client.send(get)
                client.updateKeys()
                try await client.send(get)
                client.updateKeys()
                client.sendCloseNotify()
                #expect(try await client.rest().matches(of: /200 OK/).count == 2)
            }
        }

        @Test func `A body in records of one byte arrives whole`() async throws {
            try await withTLSServer { _, port in
                let client = try await client(port)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n")
                for _ in 1...3000 { try await client.send("x") }
                #expect(try await client.content() == "POST / " + String(repeating: "x", count: 3000))
            }
        }

        @Test func `A refused request is answered, and the connection ends`() async throws {
            try await withTLSServer { server, port in
                let client = try await client(port)
                try await client.send("GET / HTTP/1.1\r\n\r\n")
                #expect(try await client.rest().hasSuffix("the Host field is missing\n"))
                #expect(server.statistics.refused[.missingHost] == 1)
            }
        }

        @Test func `A client that takes nothing of its answer is cut off`() async throws {
            let handler: Handler = { _ in Response(body: [UInt8](repeating: 0, count: 20_000_000)) }
            try await withTLSServer({ $0.writeTimeout = .milliseconds(100) }, handler: handler) { server, port in
                let client = try await client(port, receiveBuffer: 4096)
                try await client.send(get)
                _ = try await client.bytes(1)
                #expect(await eventually { server.openConnections == 0 })
                #expect(server.statistics.closed[.writeTimeout] == 1)
            }
        }

        @Test func `A client that leaves cancels its handler's task`() async throws {
            let streams = CountedStreams()
            let handler: Handler = { _ in Response(stream: streams.silence()) }
            try await withTLSServer(handler: handler) { server, port in
                var client: Client? = try await client(port)
                try await client?.send(get)
                #expect(await eventually { streams.chunksAsked == 1 })
                client = nil
                #expect(await eventually { streams.cancellations == 1 && server.openConnections == 0 })
            }
        }
    }
}
