import Foundation
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

extension SocketTests {
    /// Conditions, parts and codings of answers (RFC 9110 sections 8.4 and 12 to 14).
    struct SelectionTests {
        private static let text = Array((0..<200).map { "line \($0)\n" }.joined().utf8)

        /// `/text` and `/constant` are compressible, `/numbers` are not, `/small` is hardly anything.
        private static let handler: Handler = {
            let constant = Response(headerFields: [.contentType: "text/plain", .acceptRanges: "bytes"], body: text)
                .prepared()
            return { request in
                switch request.head.path {
                case "/constant": constant
                case "/text": Response(headerFields: [.contentType: "application/json"], body: text)
                case "/large":
                    Response(
                        headerFields: [.contentType: "text/plain"],
                        body: Array(repeatElement(text, count: 100).joined()))
                case "/small": Response(headerFields: [.contentType: "text/plain"], body: Array("small\n".utf8))
                case "/numbers": Response(headerFields: [.contentType: "application/octet-stream"], body: text)
                default: Response(status: .notFound)
                }
            }
        }()

        private struct Answer {
            let head: String
            let body: [UInt8]
            var status: String { String(head.dropFirst(9).prefix(3)) }

            func field(_ name: String) -> String? {
                head.components(separatedBy: "\r\n").first { $0.hasPrefix("\(name): ") }.map {
                    String($0.dropFirst(name.count + 2))
                }
            }
        }

        private func answer(_ target: String, _ fields: String..., method: String = "GET") async throws -> Answer {
            var answer: Answer?
            try await withServer(handler: Self.handler) { _, port in
                let client = try Client(port: port)
                let lines = fields.map { "\r\n\($0)" }.joined()
                try await client.send("\(method) \(target) HTTP/1.1\r\nHost: a\(lines)\r\n\r\n")
                let head = String(decoding: try await client.bytes(through: "\r\n\r\n"), as: UTF8.self)
                answer = Answer(head: head, body: [])
                let length = answer?.field("Content-Length").flatMap { Int($0) } ?? 0
                if method != "HEAD" { answer = Answer(head: head, body: try await client.bytes(length)) }
                // What follows shows that the body ended where the head says.
                try await client.send("GET /small HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.content() == "small\n")
            }
            return try #require(answer)
        }

        /// GNU gzip's reading of `bytes`, which is not zlib's.
        private func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
            let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).gz")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(bytes).write(to: file)
            let (process, output) = (Process(), Pipe())
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["gzip", "-dc", file.path]
            process.standardOutput = output
            try process.run()
            let content = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            return Array(content)
        }

        @Test(arguments: ["/text", "/constant"]) func `Text is sent as gzip to who accepts it`(target: String)
            async throws
        {
            let answer = try await answer(target, "Accept-Encoding: gzip, deflate, br")
            #expect(answer.field("Content-Encoding") == "gzip")
            #expect(answer.field("Vary") == "Accept-Encoding")
            #expect(answer.body.count < Self.text.count / 2)
            #expect(try gunzip(answer.body) == Self.text)
        }

        @Test func `What is compressed away from the connection's queue is the same`() async throws {
            let answer = try await answer("/large", "Accept-Encoding: gzip")
            #expect(try gunzip(answer.body) == Array(repeatElement(Self.text, count: 100).joined()))
        }

        @Test func `Who does not accept gzip gets the text, and caches are told`() async throws {
            for fields in ["Accept-Encoding: identity", "Accept-Encoding: gzip;q=0", "X: y"] {
                let answer = try await answer("/text", fields)
                #expect(answer.body == Self.text)
                #expect(answer.field("Content-Encoding") == nil)
                #expect(answer.field("Vary") == "Accept-Encoding")
            }
        }

        @Test func `Little content is compressed only where nothing else is allowed`() async throws {
            #expect(try await answer("/small", "Accept-Encoding: gzip").field("Content-Encoding") == nil)
            #expect(try await answer("/small", "Accept-Encoding: gzip").field("Vary") == nil)
        }

        @Test func `Arrays of numbers are not compressed`() async throws {
            let answer = try await answer("/numbers", "Accept-Encoding: gzip")
            #expect(answer.field("Content-Encoding") == nil)
            #expect(answer.field("Vary") == nil)
        }

        @Test(arguments: ["identity", "gzip"]) func `HEAD has the fields of GET, RFC 9110 section 9.3.2`(
            coding: String
        ) async throws {
            let get = try await answer("/constant", "Accept-Encoding: \(coding)")
            let head = try await answer("/constant", "Accept-Encoding: \(coding)", method: "HEAD")
            for name in ["Content-Length", "Content-Type", "Content-Encoding", "ETag", "Vary"] {
                #expect(head.field(name) == get.field(name), "\(name)")
            }
        }

        @Test func `Who has the content is told so, RFC 9110 section 15.4.5`() async throws {
            let first = try await answer("/constant")
            let tag = try #require(first.field("ETag"))
            #expect(first.body == Self.text)
            let second = try await answer("/constant", "If-None-Match: \"x\", \(tag)")
            #expect(second.status == "304")
            #expect(second.field("ETag") == tag)
            #expect(second.field("Vary") == "Accept-Encoding")
            #expect(second.field("Date") != nil)
            #expect(second.field("Content-Length") == nil && second.field("Content-Type") == nil)
        }

        @Test func `Compressed content has a tag of its own, RFC 9110 section 8.8.3.3`() async throws {
            let plain = try #require(try await answer("/constant").field("ETag"))
            let coded = try #require(try await answer("/constant", "Accept-Encoding: gzip").field("ETag"))
            #expect(plain != coded)
            #expect(try await answer("/constant", "Accept-Encoding: gzip", "If-None-Match: \(coded)").status == "304")
            #expect(try await answer("/constant", "Accept-Encoding: gzip", "If-None-Match: \(plain)").status == "200")
        }

        @Test func `A condition that fails is a 412, after which the connection goes on`() async throws {
            #expect(try await answer("/constant", "If-Match: \"x\"").status == "412")
            #expect(try await answer("/nowhere", "If-Match: \"x\"").status == "404")
        }

        @Test func `A part is sent of what accepts ranges, RFC 9110 section 15.3.7`() async throws {
            let part = try await answer("/constant", "Range: bytes=10-19", "Accept-Encoding: gzip")
            #expect(part.status == "206")
            #expect(part.field("Content-Range") == "bytes 10-19/\(Self.text.count)")
            #expect(part.body[...] == Self.text[10..<20])
            #expect(part.field("ETag") == (try await answer("/constant").field("ETag")))
            #expect(part.field("Vary") == "Accept-Encoding")
            let suffix = try await answer("/constant", "Range: bytes=-5")
            #expect(suffix.body[...] == Self.text.suffix(5))
        }

        @Test func `A part that does not exist is a 416 with the length, RFC 9110 section 15.5.17`() async throws {
            let answer = try await answer("/constant", "Range: bytes=99999-")
            #expect(answer.status == "416")
            #expect(answer.field("Content-Range") == "bytes */\(Self.text.count)")
        }

        @Test func `Ranges are ignored of other content, other methods and other versions`() async throws {
            #expect(try await answer("/text", "Range: bytes=0-1").body == Self.text)
            #expect(try await answer("/constant", "Range: bytes=0-1", method: "HEAD").status == "200")
            #expect(try await answer("/constant", "Range: bytes=0-1", method: "POST").body == Self.text)
            #expect(try await answer("/constant", "Range: bytes=0-1", "If-Range: \"x\"").body == Self.text)
            let tag = try #require(try await answer("/constant").field("ETag"))
            #expect(
                try await answer("/constant", "Range: bytes=0-1", "If-Range: \(tag)").body[...] == Self.text.prefix(2))
            #expect(try await answer("/constant", "Range: bytes=0-1", "If-None-Match: \(tag)").status == "304")
        }

        @Test func `Conditions are put to what is sent, also where a part was asked for, RFC 9110 section 13.2.1`()
            async throws
        {
            let coded = try #require(try await answer("/constant", "Accept-Encoding: gzip").field("ETag"))
            for range in ["Range: bytes=0-1\r\nIf-Range: \"x\"", "Range: bytes=0-1,5-6"] {
                let answer = try await answer(
                    "/constant", range, "Accept-Encoding: gzip", "If-None-Match: \(coded)")
                #expect(answer.status == "304", "\(range)")
                #expect(answer.field("ETag") == coded)
            }
            let part = try await answer(
                "/constant", "Range: bytes=0-1", "Accept-Encoding: gzip", "If-None-Match: \(coded)")
            #expect(part.status == "206")
        }

        @Test func `Coded content of a request is refused with what is read, RFC 9110 section 15.5.16`() async throws {
            try await withServer { _, port in
                let client = try Client(port: port)
                try await client.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")
                let answer = try await client.rest()
                #expect(answer.hasPrefix("HTTP/1.1 415 "))
                #expect(answer.contains("\r\nAccept-Encoding: identity\r\n"))
                let other = try Client(port: port)
                try await other.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi")
                #expect(try await other.content() == "POST / hi")
            }
        }
    }
}
