import HTTPTypes
import Testing

@testable import HTTPServer

struct ResponseEncoderTests {
    private func lines(_ response: Response) -> [Substring] {
        var encoder = ResponseEncoder()
        let head = String(decoding: encoder.head(of: response, .implied, isChunked: false), as: UTF8.self)
        return head.split(separator: "\r\n").filter { !$0.hasPrefix("Date:") }
    }

    @Test func `Fields that were encoded in advance are sent as others are`() {
        let response = Response(headerFields: [.contentType: "text/plain", .eTag: "\"a\""], body: [1, 2])
        #expect(lines(response.encodingFields()) == lines(response))
        #expect(
            lines(response) == [
                "HTTP/1.1 200 OK", "Server: martlet", "Content-Length: 2", "Content-Type: text/plain", "ETag: \"a\"",
            ])
    }

    @Test func `A field that is set later is sent`() {
        var response = Response(headerFields: [.contentType: "text/plain"]).encodingFields()
        response.headerFields[.retryAfter] = "3"
        #expect(lines(response).suffix(2) == ["Content-Type: text/plain", "Retry-After: 3"])
    }

    @Test func `Fields that say where an answer ends are the server's own`() {
        let response = Response(headerFields: [.contentLength: "9", .connection: "upgrade", .transferEncoding: "gzip"])
        #expect(lines(response.encodingFields()) == ["HTTP/1.1 200 OK", "Server: martlet", "Content-Length: 0"])
    }
}
