import TestSupport
import Testing

@testable import HTTPServer

struct RequestLimitTests {
    static let limits: HTTPServerConfiguration = {
        var limits = HTTPServerConfiguration()
        (limits.maximumHeadBytes, limits.maximumFieldCount, limits.maximumBodyBytes) = (120, 4, 10)
        return limits
    }()

    private static let length = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
    private static let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    /// A head of `count` bytes: 16 for the request line, 9 for Host, 4 and 2 for the padding and the end.
    private static func head(ofBytes count: Int) -> String {
        "GET / HTTP/1.1\r\nHost: a\r\nX:\(String(repeating: "x", count: count - 31))\r\n\r\n"
    }

    static let cases = [
        RequestCase("a head at the limit", "RFC 9110 5.4", head(ofBytes: 120), are: "GET / ''"),
        RequestCase("a head over the limit", "RFC 6585 5", head(ofBytes: 121), refusedWith: 431),
        RequestCase("a head far over the limit", "RFC 6585 5", head(ofBytes: 300), refusedWith: 431),
        RequestCase(
            "a request line over the limit", "RFC 9110 15.5.15",
            "GET /\(String(repeating: "x", count: 200)) HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 414),
        RequestCase("a line without an end", "RFC 9110 15.5.15", String(repeating: "x", count: 200), refusedWith: 414),
        RequestCase(
            "as many fields as allowed", "RFC 6585 5", "GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\nC:\r\n\r\n",
            are: "GET / ''"),
        RequestCase(
            "one field too many", "RFC 6585 5", "GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\nC:\r\nD:\r\n\r\n",
            refusedWith: 431),
        RequestCase(
            "a body at the limit", "RFC 9110 15.5.14", length + "10\r\n\r\n0123456789", are: "POST / '0123456789'"),
        RequestCase("a body over the limit", "RFC 9110 15.5.14", length + "11\r\n\r\n", refusedWith: 413),
        RequestCase(
            "a length that no number holds", "RFC 9110 8.6", length + "99999999999999999999999\r\n\r\n",
            refusedWith: 413),
        RequestCase(
            "chunks at the limit", "RFC 9112 7.1", chunked + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n",
            are: "POST / '0123456789'"),
        RequestCase("chunks over the limit", "RFC 9110 15.5.14", chunked + "5\r\n01234\r\n6\r\n", refusedWith: 413),
        RequestCase(
            "eight empty lines", "RFC 9112 2.2", String(repeating: "\r\n", count: 8) + head(ofBytes: 120),
            are: "GET / ''"),
        RequestCase("nine empty lines", "RFC 9112 2.2", String(repeating: "\r\n", count: 9), refusedWith: 400),
        RequestCase(
            "a chunk's size line without an end", "RFC 9112 7.1.1", chunked + "1;" + String(repeating: "x", count: 300),
            refusedWith: 400),
    ]

    @Test(arguments: cases) func `Limits hold to the byte, however the stream is cut`(test: RequestCase) {
        expectSameMeaningHoweverCut(test, limits: Self.limits)
    }

    @Test func `Trailers may not go on for ever`() {
        let trailers = String(repeating: "Trailer: of some length\r\n", count: 400)
        let reading = Reading([Array((Self.chunked + "0\r\n" + trailers).utf8)[...]])
        #expect(reading.meaning == .refused(431, after: []))
    }

    @Test func `One-byte chunks may not carry 200 bytes of extension each`() {
        let chunk = "1;" + String(repeating: "x", count: 200) + "\r\n!\r\n"
        let reading = Reading([Array((Self.chunked + String(repeating: chunk, count: 50)).utf8)[...]])
        #expect(reading.meaning == .refused(400, after: []))
    }

    @Test func `A length of 9 exabytes costs no memory before they arrive`() {
        var limits = HTTPServerConfiguration()
        limits.maximumBodyBytes = .max
        let announced = Reading([Array((Self.length + "9000000000000000000\r\n\r\nx").utf8)[...]], limits: limits)
        #expect(announced.meaning == .requests([]))
    }

    @Test func `A head that arrives byte by byte costs linear time`() {
        var limits = HTTPServerConfiguration()
        limits.maximumHeadBytes = 1 << 20
        func bytesPerSecond(_ count: Int) -> Double {
            var parser = RequestParser(limits: limits)
            var heads = RecentHeads()
            let time = processorTime {
                for byte in Self.head(ofBytes: count).utf8 {
                    parser.append(CollectionOfOne(byte))
                    _ = try? parser.next(&heads)
                }
            }
            return Double(count) / (time / .seconds(1))
        }
        let (short, long) = (bytesPerSecond(2_000), bytesPerSecond(64_000))
        #expect(long > short / 8, "\(Int(short)) bytes a second at 2 kB, \(Int(long)) at 64 kB")
    }

    @Test func `What has been read gives its memory back`() throws {
        var parser = RequestParser(limits: HTTPServerConfiguration())
        var heads = RecentHeads()
        let request = Array((Self.length + "3\r\n\r\nabcGET /next").utf8)
        for _ in 0..<1000 {
            parser.append(request)
            guard case .request = try parser.next(&heads) else { Issue.record("no request"); return }
            #expect(parser.bufferedBytes == 9 && parser.stage == .head)
            parser.append(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            guard case .request = try parser.next(&heads) else { Issue.record("no request"); return }
            #expect(parser.bufferedBytes == 0 && parser.stage == .idle)
        }
    }
}
