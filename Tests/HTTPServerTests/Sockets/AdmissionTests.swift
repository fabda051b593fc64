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
                        "PUT /open HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n")
                    #expect(try await client.response() == "HTTP/1.1 100 Continue\r\n\r\n")
                    try await client.send("he")
                    try await Task.sleep(for: .milliseconds(5))
                    try await client.send(String(repeating: "l", count: 1998) + "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.content() == "/open 2000")
                    #expect(try await client.content() == "none 0", "of another request")
                }
                let count = asked.load(ordering: .relaxed)
                #expect(count == 2)
            }
        }

        /// What is answered to a request, and to another that follows it on the same connection, where its content comes
        /// with its head or after it.
        private func answer(_ head: String, _ content: String, isCut: Bool) async throws -> String {
            var answer = ""
            try await withAdmission { port in
                let client = try Client(port: port)
                let next = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                try await client.send(head + (isCut ? "" : content + next))
                if isCut {
                    try await Task.sleep(for: .milliseconds(20))
                    try await client.send(content + next)
                }
                client.finishSending()
                answer = try await client.rest().replacing(/Date: [^\r]+/, with: "Date")
            }
            return answer
        }

        @Test(arguments: ["PUT", "GET", "DELETE", "OPTIONS"], [1, Admission.maximumUnaskedBytes])
        func `Little content is for the handler however it comes, and the connection lasts`(
            _ method: String, _ length: Int
        ) async throws {
            let head = "\(method) /shut HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n"
            let content = String(repeating: "a", count: length)
            let whole = try await answer(head, content, isCut: false)
            #expect(whole.contains("none \(length)HTTP/1.1 200 OK") && whole.hasSuffix("none 0"))
            #expect(try await answer(head, content, isCut: true) == whole)
            let count = asked.load(ordering: .relaxed)
            #expect(count == 0)
        }

        @Test(arguments: ["PUT", "GET", "DELETE", "OPTIONS"])
        func `More is decided on by the head however it comes, and where it is refused the connection ends`(
            _ method: String
        ) async throws {
            let length = Admission.maximumUnaskedBytes + 1
            let content = String(repeating: "a", count: length)
            for (framing, content) in [
                ("Content-Length: \(length)", content), ("Transfer-Encoding: chunked", "1\r\na\r\n0\r\n\r\n"),
                ("Transfer-Encoding: chunked", "no chunk"),
            ] {
                let shut = "\(method) /shut HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n"
                let whole = try await answer(shut, content, isCut: false)
                #expect(whole.hasPrefix("HTTP/1.1 401 ") && whole.contains("\r\nConnection: close\r\n"))
                #expect(!whole.dropFirst().contains("HTTP/1.1"))
                #expect(try await answer(shut, content, isCut: true) == whole)
            }
            let open = "\(method) /open HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n"
            let whole = try await answer(open, content, isCut: false)
            #expect(whole.contains("/open \(length)HTTP/1.1 200 OK") && whole.hasSuffix("none 0"))
            #expect(try await answer(open, content, isCut: true) == whole)
        }

        @Test func `The refusal of a HEAD has no content`() async throws {
            try await withServer {
                $0.admission = { _ in .refused(Response(status: .notFound, body: Array("nothing".utf8))) }
            } _: { _, port in
                let client = try Client(port: port)
                try await client.send("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n")
                let answer = try await client.rest()
                #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.hasSuffix("\r\n\r\n"))
            }
        }
    }
}
