import HTTPServer
import HTTPTypes
import TestSupport
import Testing

extension SocketTests {
    /// What a server must answer, as bytes on a socket.
    struct AnswerRulesTests {
        struct Rule: Sendable, CustomTestStringConvertible {
            let name: String
            let section: String
            let request: String
            /// What the answers begin with, have, and do not have.
            let beginning: String
            let has: [String]
            let hasNot: [String]

            init(
                _ name: String, _ section: String, _ request: String, _ beginning: String, has: [String] = [],
                hasNot: [String] = []
            ) {
                (self.name, self.section, self.request) = (name, section, request)
                (self.beginning, self.has, self.hasNot) = (beginning, has, hasNot)
            }

            var testDescription: String { "\(name) (\(section))" }
        }

        /// Each request ends its connection, so that all of the answers can be read.
        static let rules = [
            Rule(
                "HEAD has the length of GET and no content", "RFC 9110 9.3.2",
                "HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                has: ["\r\nContent-Length: 8\r\n"], hasNot: ["HEAD /x"]),
            Rule(
                "a refusal of HEAD has no content", "RFC 9110 9.3.2", "HEAD / HTTP/1.1\r\n\r\n",
                "HTTP/1.1 400 Bad Request\r\n", hasNot: ["missing"]),
            Rule(
                "204 has neither content nor length", "RFC 9110 8.6",
                "GET /204 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 204 No Content\r\n",
                hasNot: ["Content-Length", "Transfer-Encoding"]),
            Rule(
                "every answer has a date", "RFC 9110 6.6.1", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 200 OK\r\n", has: ["\r\nDate: ", " GMT\r\n"]),
            Rule(
                "a refusal too", "RFC 9110 6.6.1", "GET /\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", has: ["\r\nDate: "]),
            Rule(
                "who closes is told that it is", "RFC 9112 9.6",
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                has: ["\r\nConnection: close\r\n"]),
            Rule(
                "nothing after close is answered", "RFC 9112 9.6",
                "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
                "HTTP/1.1 200 OK\r\n", has: ["GET /1"], hasNot: ["GET /2"]),
            Rule(
                "nothing after a refusal is answered", "RFC 9112 9.6",
                "GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n",
                has: ["\r\nConnection: close\r\n"], hasNot: ["GET /2"]),
            Rule(
                "HTTP/1.0 is answered with the server's own version and closed", "RFC 9110 6.2",
                "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", has: ["\r\nConnection: close\r\n"]),
            Rule(
                "HTTP/1.0 that would persist is told so", "RFC 9112 9.3",
                "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                has: ["\r\nConnection: keep-alive\r\n", "GET /1", "GET /2"]),
            Rule(
                "HTTP/1.0 gets no 100", "RFC 9110 10.1.1",
                "PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 200 OK\r\n"),
            Rule(
                "HTTP/1.0 gets no chunks", "RFC 9112 6.1", "GET /stream HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                hasNot: ["Transfer-Encoding"]),
            Rule(
                "HTTP/1.1 gets chunks of what has no length", "RFC 9112 7.1",
                "GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                has: ["\r\nTransfer-Encoding: chunked\r\n", "\r\n\r\n3\r\none\r\n0\r\n\r\n"], hasNot: ["Content-Length"]
            ),
            Rule(
                "pipelined requests are answered in their order", "RFC 9112 9.3.2",
                "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 200 OK\r\n", has: ["GET /1 HTTP/1.1 200 OK\r\n", "GET /2 "]),
            Rule(
                "the preface of HTTP/2 is refused in HTTP/1.1", "RFC 9110 15.6.6",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 505 HTTP Version Not Supported\r\n"),
            Rule(
                "a length and a coding are refused, and the connection ends", "RFC 9112 6.1",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
                "HTTP/1.1 400 Bad Request\r\n", has: ["\r\nConnection: close\r\n"], hasNot: ["evil"]),
            Rule(
                "dot segments are removed before the handler sees them", "RFC 3986 5.2.4",
                "GET /a/%2E./b?../c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                has: ["GET /b?../c "]),
        ]

        @Test(arguments: rules) func `A server answers as it must`(rule: Rule) async throws {
            let handler: Handler = { request in
                switch request.head.path {
                case "/204": return Response(status: .noContent)
                case "/stream":
                    return Response(
                        stream: ResponseStream(
                            AsyncStream<[UInt8]> {
                                $0.yield(Array("one".utf8))
                                $0.finish()
                            }))
                default: return await echo(request)
                }
            }
            try await withServer(handler: handler) { _, port in
                let client = try Client(port: port)
                try await client.send(rule.request)
                let answer = try await client.rest()
                #expect(answer.hasPrefix(rule.beginning))
                for text in rule.has { #expect(answer.contains(text), "\(answer)") }
                for text in rule.hasNot { #expect(!answer.contains(text), "\(answer)") }
            }
        }
    }
}
