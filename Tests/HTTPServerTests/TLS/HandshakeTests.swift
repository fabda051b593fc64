import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

extension SocketTests {
    struct HandshakeTests {
        private func client(_ port: Int, _ configure: (inout ClientTLS) -> Void) async throws -> Client {
            var tls = ClientTLS()
            configure(&tls)
            return try await Client(port: port, tls: tls)
        }

        @Test(arguments: [(0x0303, "TLSv1.2"), (0x0304, "TLSv1.3")])
        func `TLS 1.2 and 1.3 are spoken`(version: Int32, name: String) async throws {
            try await withTLSServer { _, port in
                let client = try await client(port) { $0.versions = (version, version) }
                #expect(client.tlsVersion == name)
                try await client.send(get)
                #expect(try await client.content() == "GET / ")
            }
        }

        @Test(arguments: [0x0301, 0x0302] as [Int32])
        func `Earlier versions are not, RFC 8996`(version: Int32) async throws {
            try await withTLSServer { server, port in
                let error = await #expect(throws: Client.Failure.self) {
                    try await client(port) { $0.versions = (version, version) }
                }
                #expect(error?.description == "handshake: tlsv1 alert protocol version")
                #expect(await eventually { server.statistics.closed[.handshakeFailed] == 1 })
            }
        }

        @Test func `Of a client's protocols http/1.1 is chosen, RFC 7301`() async throws {
            try await withTLSServer { _, port in
                let client = try await client(port) { $0.protocols = ["h2", "http/1.1"] }
                #expect(client.speaks("http/1.1"))
                let silent = try await self.client(port) { _ in }
                #expect(silent.speaks(""))
            }
        }

        @Test func `A client that speaks only others is told so, RFC 7301 section 3.2`() async throws {
            try await withTLSServer { _, port in
                let error = await #expect(throws: Client.Failure.self) {
                    try await client(port) { $0.protocols = ["h2"] }
                }
                #expect(error?.description == "handshake: tlsv1 alert no application protocol")
            }
        }

        @Test(arguments: [
            ("a.example", "first"), ("b.example", "second"), ("x.b.example", "second"), ("x.y.b.example", "first"),
            ("unknown.example", "first"), (nil, "first"),
        ])
        func `The certificate that has the client's name is served, else the first`(
            name: String?, expected: String
        ) async throws {
            let folder = try CertificateFolder()
            let tls = TLSConfiguration(
                try folder.identity("first", names: "DNS:a.example"),
                try folder.identity("second", names: "DNS:b.example,DNS:*.b.example"))
            try await withTLSServer(tls: tls) { _, port in
                let client = try await client(port) { $0.serverName = name }
                #expect(client.serverCommonName == expected)
                try await client.send(get)
                #expect(try await client.content() == "GET / ")
            }
        }

        @Test(arguments: [0x0303, 0x0304] as [Int32])
        func `A session is resumed by its ticket`(version: Int32) async throws {
            let folder = try CertificateFolder()
            let tls = TLSConfiguration(
                try folder.identity("first", names: "DNS:a.example"),
                try folder.identity("second", names: "DNS:b.example"))
            try await withTLSServer(tls: tls) { server, port in
                for name in ["a.example", "b.example"] {
                    let first = try await client(port) { ($0.versions, $0.serverName) = ((version, version), name) }
                    try await first.send(get)
                    #expect(try await first.content() == "GET / ")
                    let session = try #require(first.session)
                    let second = try await client(port) {
                        ($0.versions, $0.serverName, $0.session) = ((version, version), name, session)
                    }
                    #expect(!first.wasResumed && second.wasResumed)
                    try await second.send(get)
                    #expect(try await second.content() == "GET / ")
                }
                #expect(server.statistics.handshakes == 4 && server.statistics.resumedHandshakes == 2)
            }
        }

        @Test func `The certificate a server makes itself is for this machine`() async throws {
            try await withTLSServer { _, port in
                let client = try await client(port) { _ in }
                for name in ["localhost", "127.0.0.1", "::1"] { #expect(client.serverIs(name), "\(name)") }
                #expect(!client.serverIs("a.example"))
            }
        }

        @Test func `HTTP without TLS is answered with 400 without TLS`() async throws {
            try await withTLSServer { server, port in
                let client = try Client(port: port)
                try await client.send(get)
                let answer = try await client.rest()
                #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
                #expect(answer.hasSuffix("HTTP was sent without TLS; https is spoken on this port\n"))
                client.finishSending()
                #expect(await eventually { server.openConnections == 0 })
                #expect(server.statistics.refused[.plainHTTP] == 1 && server.statistics.closed[.refused] == 1)
            }
        }

        @Test(arguments: [
            "\u{16}\u{3}\u{1}\0\u{5}hello", "\0\0\0\0\0\0", "SSH-2.0-OpenSSH_9.2\r\n", "\u{16}\u{3}\u{1}\u{FF}",
        ])
        func `Garbage ends the connection`(bytes: String) async throws {
            try await withTLSServer({ $0.handshakeTimeout = .milliseconds(200) }) { server, port in
                let client = try Client(port: port)
                try await client.send(bytes.unicodeScalars.map { UInt8($0.value) })
                _ = try? await client.rest()
                #expect(await eventually { server.openConnections == 0 })
                let closed = server.statistics.closed
                #expect(closed[.handshakeFailed, default: 0] + closed[.handshakeTimeout, default: 0] == 1)
            }
        }

        @Test func `Clients that stall in their handshakes hold up nobody, and are cut off`() async throws {
            try await withTLSServer({ $0.handshakeTimeout = .seconds(2) }) { server, port in
                // Nothing, and the first bytes of a ClientHello.
                let silent = try (0..<50).map { _ in try Client(port: port) }
                for client in silent[25...] { try await client.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]) }
                for _ in 0..<5 {
                    let client = try await client(port) { _ in }
                    try await client.send(get)
                    #expect(try await client.content() == "GET / ")
                }
                #expect(server.statistics.closed[.handshakeTimeout] == 0)
                for client in silent { _ = try? await client.rest() }
                #expect(await eventually { server.statistics.closed[.handshakeTimeout] == 50 })
            }
        }

        @Test func `Where there are too many handshakes the longest makes room`() async throws {
            try await withTLSServer({ ($0.maximumHandshakes, $0.loops) = (2, 1) }) { server, port in
                let first = try Client(port: port)
                #expect(await eventually { server.openConnections == 1 })
                let second = try Client(port: port)
                #expect(await eventually { server.openConnections == 2 })
                let third = try await client(port) { _ in }
                try await third.send(get)
                #expect(try await third.content() == "GET / ")
                #expect(try await first.rest() == "")
                #expect(server.statistics.closed[.madeRoom] == 1)
                try await second.startTLS()
                try await second.send(get)
                #expect(try await second.content() == "GET / ")
            }
        }

        @Test func `Room is made by a client that has sent nothing before one that has begun`() async throws {
            try await withTLSServer({ ($0.maximumHandshakes, $0.loops) = (2, 1) }) { server, port in
                let begun = try Client(port: port)
                // The start of a record.
                try await begun.send([22])
                try await Task.sleep(for: .milliseconds(100))
                let silent = try Client(port: port)
                #expect(await eventually { server.openConnections == 2 })
                let third = try await client(port) { _ in }
                try await third.send(get)
                #expect(try await third.content() == "GET / ")
                #expect(try await silent.rest() == "")
                #expect(server.openConnections == 2)
                withExtendedLifetime(begun) {}
            }
        }

        @Test func `Room is made by the network with the most handshakes`() async throws {
            var configuration = HTTPServerConfiguration()
            configuration.maximumHandshakes = 4
            let ended = Mutex<[String]>([])
            let loop = try HandshakeLoop(configuration: configuration, loops: 1, logger: Logger(label: "test")) { _ in
            } failed: { incoming, _ in
                ended.withLock { $0.append(incoming.peer?.host ?? "") }
            }
            let context = try TLSContext(TLSConfiguration(.selfSigned))
            var descriptors: [Int32] = []
            defer { for descriptor in descriptors { close(descriptor) } }
            for host in ["192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"] {
                var pair: [Int32] = [-1, -1]
                #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
                descriptors.append(pair[0])
                let address = SocketAddress.internet(host: host, port: 1)
                loop.add(
                    IncomingConnection(
                        descriptor: pair[1], peer: address, listener: ListenerState(.free),
                        network: ClientNetwork(address)),
                    context)
                let expected = max(0, descriptors.count - 4)
                #expect(await eventually { ended.withLock { $0.count } == expected })
            }
            #expect(ended.withLock { $0 } == ["192.0.2.2", "192.0.2.2", "192.0.2.1"])
            let isStopped = Atomic(false)
            loop.stop { isStopped.store(true, ordering: .sequentiallyConsistent) }
            #expect(await eventually { isStopped.load(ordering: .sequentiallyConsistent) })
        }

        @Test func `A server that stops lets handshakes that move on be over, and ends the others`() async throws {
            try await withTLSServer { server, port in
                let (silent, late) = (try Client(port: port), try Client(port: port))
                #expect(await eventually { server.openConnections == 2 })
                async let stopped: Void = server.stop(gracePeriod: .seconds(20))
                #expect(await eventually { (try? Client(port: port)) == nil })
                try await late.startTLS()
                try await late.send(get)
                let answer = try await late.rest()
                #expect(answer.contains("\r\nConnection: close\r\n") && answer.hasSuffix("GET / "))
                late.finishSending()
                #expect(try await silent.rest() == "")
                await stopped
                #expect(server.openConnections == 0)
            }
        }
    }
}
