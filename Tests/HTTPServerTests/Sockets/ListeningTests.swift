import Logging
import TestSupport
import Testing

@testable import HTTPServer

extension SocketTests {
    struct ListeningTests {
        private func failure(host: String, port: Int) -> String? {
            failure(HTTPServerConfiguration(listeners: [Listener(.tcp(host: host, port: port))])).map { "\($0)" }
        }

        private func failure(_ configuration: HTTPServerConfiguration) -> (any Error)? {
            let server = HTTPServer(configuration: configuration, logger: Logger(label: "test"), handler: echo)
            do {
                _ = try server.start()
                return nil
            } catch {
                return error
            }
        }

        @Test func `A port in use is named, with what to do`() async throws {
            try await withServer { _, port in
                #expect(
                    failure(host: "127.0.0.1", port: port)
                        == "port \(port) is in use by another process; choose another port")
            }
        }

        @Test func `Where the first address of a name fails, the next is listened on`() throws {
            // RFC 5737: an address for documentation, of no machine.
            let (foreign, own) = (
                try ListeningAddress.resolve(host: "192.0.2.1", port: 0),
                try ListeningAddress.resolve(host: "127.0.0.1", port: 0)
            )
            #expect(try ListeningSocket(foreign + own, host: "name", port: 0).address.host == "127.0.0.1")
            let error = #expect(throws: SocketError.self) {
                try ListeningSocket(foreign + foreign, host: "name", port: 0)
            }
            #expect(error?.description.hasPrefix("cannot listen on name port 0: bind: ") == true)
        }

        @Test func `A port in use on the first address is not left for another address`() async throws {
            try await withServer { _, port in
                let addresses =
                    try ListeningAddress.resolve(host: "127.0.0.1", port: port)
                    + ListeningAddress.resolve(host: "127.0.0.2", port: port)
                let error = #expect(throws: SocketError.self) {
                    try ListeningSocket(addresses, host: "name", port: port)
                }
                #expect(error?.description == "port \(port) is in use by another process; choose another port")
            }
        }

        @Test(arguments: [(1000, 999, false), (1000, 1000, true), (Int.max, 0, false)])
        func `Less room for all bodies than one may take is an error`(_ body: Int, _ all: Int, _ starts: Bool) {
            var configuration = HTTPServerConfiguration(listeners: [.free])
            (configuration.maximumBodyBytes, configuration.maximumBufferedBytes) = (body, all)
            let error = failure(configuration)
            let expected = ConfigurationError.bufferSmallerThanBody(maximumBufferedBytes: all, maximumBodyBytes: body)
            #expect(error as? ConfigurationError == (starts ? nil : expected))
            #expect((error == nil) == starts, "\(error.map { "\($0)" } ?? "it started")")
        }

        @Test func `A host that is none is named`() {
            let message = failure(host: "no such host", port: 0)
            #expect(
                message?.hasPrefix("'no such host' is not an address of this machine: ") == true, "\(message ?? "")")
        }

        @Test func `An address of another machine is named`() {
            // RFC 5737: an address for documentation.
            let message = failure(host: "192.0.2.1", port: 0)
            #expect(message?.hasPrefix("cannot listen on 192.0.2.1 port 0: bind: ") == true, "\(message ?? "")")
        }

        @Test(arguments: [-1, 65_536, 70_000]) func `A number that is no port is refused, not cut to 16 bits`(port: Int)
        {
            #expect(
                failure(host: "127.0.0.1", port: port)
                    == "cannot listen on 127.0.0.1 port \(port): bind: ports are from 0 to 65535")
        }

        @Test func `IPv6 is served where the machine has it`() async throws {
            if let message = failure(host: "::1", port: 0) {
                #expect(message.hasPrefix("cannot listen on ::1 port 0: "))
                return
            }
            let address: Handler = { Response(body: Array($0.remoteAddress.utf8)) }
            try await withServer({ $0.listeners = [Listener(.tcp(host: "::1", port: 0))] }, handler: address) {
                _, port in
                let client = try Client(port: port, host: "::1")
                try await client.send("GET / HTTP/1.1\r\nHost: [::1]:\(port)\r\n\r\n")
                #expect(try await client.content() == "::1")
            }
        }
    }
}
