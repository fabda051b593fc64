import HTTPServer
import HTTPTypes
import Synchronization
import TestSupport
import Testing

extension SocketTests {
    /// Requests that are decided on by their heads. The server takes no more than 1 MB of content at once.
    final class AdmissionTests: Sendable {
        private final class Finding: Sendable {
            let path: String
            init(_ path: String) { self.path = path }
        }

        private let asked = Atomic(0)

        /// Refuses what is not for /open, and has the handler say what was found.
        private func withAdmission(_ body: (Int) async throws -> Void) async throws {
            try await withServer {
                ($0.maximumBodyBytes, $0.maximumBufferedBytes) = (1_000_000, 1_000_000)
                $0.admission = { [self] request in
                    asked.wrappingAdd(1, ordering: .relaxed)
                    let path = request.head.path ?? ""
                    return path == "/open"
                        ? .admitted(finding: Finding(path)) : .refused(Response(status: .unauthorized))
                }
            } handler: { request in
                let finding = (request.finding as? Finding)?.path ?? "none"
                return Response(body: Array("\(finding) \(request.body.count)".utf8))
            } _: { _, port in
                try await body(port)
            }
        }

        private static let framings = ["Content-Length: 1000000", "Transfer-Encoding: chunked"]

        @Test(arguments: framings)
        func `Who waits for leave to send is refused instead, and the connection ends`(_ framing: String) async throws {
            try await withAdmission { port in
                let client = try Client(port: port)
                try await client.send("PUT /shut HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\(framing)\r\n\r\n")
                let answer = try await client.rest()
                #expect(answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
                #expect(answer.contains("\r\nConnection: close\r\n"))
            }
        }

        @Test(arguments: framings)
        func `Who sends without leave reads the refusal before all is sent`(_ framing: String) async throws {
            try await withAdmission { port in
                let client = try Client(port: port)
                try await client.send("PUT /shut HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
                #expect(try await client.rest().hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
            }
        }

        @Test func `What is refused takes no room from what is not`() async throws {
            try await withAdmission { port in
                let (strangers, client) = (try (0..<4).map { _ in try Client(port: port) }, try Client(port: port))
                for stranger in strangers {
                    try await stranger.send("PUT /shut HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
                    try await stranger.send([UInt8](repeating: 0, count: 400_000))
                }
                try await client.send("PUT /open HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
                try await client.send([UInt8](repeating: 0, count: 1_000_000))
                #expect(try await client.content() == "/open 1000000")
                for stranger in strangers { #expect(try await stranger.response().hasPrefix("HTTP/1.1 401 ")) }
            }
        }

        @Test func `The handler has what was found out, once`() async throws {
            try await withAdmission { port in
                let client = try Client(port: port)
                for _ in 1...2 {
                    try await client.send(
                        "PUT /open HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
                    #expect(try await client.response() == "HTTP/1.1 100 Continue\r\n\r\n")
                    try await client.send("he")
                    try await Task.sleep(for: .milliseconds(5))
                    try await client.send("lloGET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.content() == "/open 5")
                    #expect(try await client.content() == "none 0", "of another request")
                }
                let count = asked.load(ordering: .relaxed)
                #expect(count == 2)
            }
        }

        @Test func `What comes with its content is for the handler, and the connection lasts`() async throws {
            try await withAdmission { port in
                let client = try Client(port: port)
                for _ in 1...2 {
                    try await client.send("PUT /shut HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
                    #expect(try await client.content() == "none 5")
                }
                try await client.send("GET /shut HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.content() == "none 0")
                let count = asked.load(ordering: .relaxed)
                #expect(count == 0)
            }
        }

        @Test func `The refusal of a HEAD has no content`() async throws {
            try await withServer {
                $0.admission = { _ in .refused(Response(status: .notFound, body: Array("nothing".utf8))) }
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
                let answer = try await client.rest()
                #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.hasSuffix("\r\n\r\n"))
            }
        }
    }
}
