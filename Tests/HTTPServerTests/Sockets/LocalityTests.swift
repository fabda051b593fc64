import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import HTTPServer

/// An IPv4 address of this machine by which others reach it; connections to it come from it, too. A client that comes from it to
/// a loopback address looks as if it were on another machine.
let ownAddress: String? = {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return nil }
    defer { freeifaddrs(list) }
    var next = list
    while let entry = next {
        defer { next = entry.pointee.ifa_next }
        guard let address = entry.pointee.ifa_addr, Int32(address.pointee.sa_family) == AF_INET else { continue }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        getnameinfo(
            address, socklen_t(MemoryLayout<sockaddr_in>.size), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
        let text = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        if !text.hasPrefix("127.") { return text }
    }
    return nil
}()

extension SocketTests {
    /// Which clients are on the server's own machine.
    struct LocalityTests {
        @Test(arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false),
            ("::2", false), ("::ffff:10.0.0.1", false), ("::", false), ("192.0.2.1", false), ("fe80::1%eth0", false),
            ("", false),
        ])
        func `Only this machine reaches its loopback addresses`(_ host: String, _ isLocal: Bool) {
            #expect(SocketAddress.internet(host: host, port: 1).isLocal == isLocal)
        }

        @Test func `Only this machine reaches a Unix socket`() { #expect(SocketAddress.unix(path: "/a").isLocal) }

        @Test(
            arguments: [
                ("127.0.0.1", "127.0.0.1", .loopback), ("192.0.2.1", "192.0.2.1", .ownAddress),
                ("192.0.2.1", "192.0.2.2", .elsewhere), ("::ffff:192.0.2.1", "::ffff:192.0.2.1", .ownAddress),
                ("fe80::1%eth0", "fe80::1%eth0", .ownAddress), ("fe80::1%eth0", "fe80::2%eth0", .elsewhere),
                ("192.0.2.1", "127.0.0.1", .elsewhere),
            ] as [(String, String, Request.Locality)])
        func `A client from the server's own address is on its machine`(
            _ client: String, _ server: String, _ locality: Request.Locality
        ) {
            let server = SocketAddress.internet(host: server, port: 80)
            #expect(SocketAddress.internet(host: client, port: 1).locality(from: server) == locality)
        }

        private func told(_ listener: Listener, _ client: (Int) throws -> Client) async throws -> String {
            var text = ""
            try await withServer {
                $0.listeners = [listener]
            } handler: {
                Response(body: Array("\($0.locality)".utf8))
            } _: { _, port in
                let client = try client(port)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                text = try await client.content()
            }
            return text
        }

        @Test func `The handler is told`() async throws {
            #expect(try await told(.free) { try Client(port: $0) } == "loopback")
            let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path
            #expect(try await told(Listener(.unix(path: path))) { _ in try Client(unixPath: path) } == "loopback")
        }

        @Test(.enabled(if: ownAddress != nil), arguments: ["0.0.0.0", "::"])
        func `The handler is told of a client by the machine's own address, too`(_ host: String) async throws {
            let own = try #require(ownAddress)
            let all = Listener(.tcp(host: host, port: 0))
            #expect(try await told(all) { try Client(port: $0, host: own) } == "ownAddress")
            #expect(try await told(all) { try Client(port: $0, source: own) } == "elsewhere")
        }
    }
}
