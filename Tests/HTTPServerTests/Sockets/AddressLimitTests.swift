import Foundation
import TestSupport
import Testing

@testable import HTTPServer

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

extension SocketTests {
    struct AddressLimitTests {
        @Test(arguments: [
            ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true), ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true), ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
            ("fe80::1%eth0", "fe80::2", true),
        ])
        func `Clients count together by IPv4 address, or IPv6 network of 64 bits`(
            one: String, other: String, same: Bool
        ) throws {
            let networks = try [one, other].map { host in
                try #require(ClientNetwork(.internet(host: host, port: 1)), "\(host)")
            }
            #expect((networks[0] == networks[1]) == same)
        }

        @Test func `Who comes to a loopback address does not count`() async throws {
            try await withServer {
                $0.maximumConnectionsPerAddress = 1
            } _: { _, port in
                let clients = try (0..<3).map { _ in try Client(port: port) }
                for client in clients {
                    try await client.send(get)
                    #expect(try await client.content() == "GET / ")
                }
            }
        }

        @Test(.enabled(if: ownAddress != nil))
        func `Who comes to another of the machine's addresses counts, for a proxy may be there`() async throws {
            let host = try #require(ownAddress)
            try await withServer {
                $0.listeners = [Listener(.tcp(host: host, port: 0))]
                $0.maximumConnectionsPerAddress = 1
            } _: { server, port in
                let clients = try (0..<2).map { _ in try Client(port: port, host: host) }
                #expect(try await clients[1].rest().hasPrefix("HTTP/1.1 503 "))
                withExtendedLifetime(clients) {}
            }
        }

        @Test func `Nor does a Unix socket`() { #expect(ClientNetwork(.unix(path: "")) == nil) }

        @Test(.enabled(if: ownAddress != nil))
        func `One connection more than an address may have is told so; when one ends another may come`() async throws {
            let host = try #require(ownAddress)
            try await withServer {
                $0.maximumConnectionsPerAddress = 2
            } _: { server, port in
                var clients = try (0..<2).map { _ in try Client(port: port, source: host) }
                for client in clients {
                    try await client.send(get)
                    #expect(try await client.content() == "GET / ")
                }
                let third = try Client(port: port, source: host)
                let answer = try await third.rest()
                #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
                #expect(answer.contains("\r\nRetry-After: 1\r\n") && answer.contains("\r\nConnection: close\r\n"))
                third.finishSending()
                #expect(server.statistics.refused[.addressLimit] == 1)
                clients.removeLast()
                #expect(await eventually { server.openConnections == 1 })
                let fourth = try Client(port: port, source: host)
                try await fourth.send(get)
                #expect(try await fourth.content() == "GET / ")
            }
        }

        @Test(.enabled(if: ownAddress != nil))
        func `Encrypted connections beyond are closed before a handshake`() async throws {
            let host = try #require(ownAddress)
            try await withServer {
                $0.listeners = [Listener(.tcp(host: "127.0.0.1", port: 0), tls: TLSConfiguration(.selfSigned))]
                $0.maximumConnectionsPerAddress = 1
            } _: { server, port in
                let first = try Client(port: port, source: host)
                #expect(await eventually { server.openConnections == 1 })
                let second = try Client(port: port, source: host)
                await #expect(throws: Client.Failure.self) { try await second.startTLS() }
                #expect(server.statistics.closed[.addressLimit] == 1)
                try await first.startTLS()
            }
        }

        @Test(.enabled(if: ownAddress != nil)) func `Without a limit an address may have all`() async throws {
            let host = try #require(ownAddress)
            try await withServer {
                $0.maximumConnectionsPerAddress = 0
            } _: { server, port in
                let clients = try (0..<20).map { _ in try Client(port: port, source: host) }
                for client in clients {
                    try await client.send(get)
                    #expect(try await client.content() == "GET / ")
                }
            }
        }
    }
}
