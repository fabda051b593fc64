import HTTPTypes
import Testing

@testable import HTTPServer

struct GoodRequestTests {
    static let cases = [
        RequestCase(
            "a request without content", "RFC 9112 2.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", are: "GET / ''"),
        RequestCase("an empty stream", "RFC 9112 2.1", ""),
        RequestCase("a head that has not ended", "RFC 9112 2.1", "GET / HTTP/1.1\r\nHost: a\r\n"),
        RequestCase(
            "a body by its length", "RFC 9112 6.2", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            are: "POST /a 'hello'"),
        RequestCase(
            "a length with leading zeros", "RFC 9110 8.6",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 002\r\n\r\nhi",
            are: "POST / 'hi'"),
        RequestCase(
            "a body with its last byte missing", "RFC 9112 6.2",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nhi"),
        RequestCase(
            "two equal lengths", "RFC 9112 6.3",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", are: "POST / 'hi'"),
        RequestCase(
            "chunks", "RFC 9112 7.1",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n006\r\n world\r\n0\r\n\r\n",
            are: "POST / 'hello world'"),
        RequestCase(
            "chunk sizes in both cases", "RFC 9112 7.1",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\nb\r\n0123456789a\r\n"
                + "0\r\n\r\n",
            are: "POST / '01234567890123456789a'"),
        RequestCase(
            "content that looks like chunks", "RFC 9112 7.1",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
            are: "POST / '\r\n0\r\n\r\n'"),
        RequestCase(
            "chunk extensions, ignored", "RFC 9112 7.1.1",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;a=\"b c\" ;d\r\nhi\r\n0 ;x\r\n\r\n",
            are: "POST / 'hi'"),
        RequestCase(
            "trailers, dropped", "RFC 9112 7.1.2",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nDigest: x\r\nA:\r\n\r\n",
            are: "POST / 'hi'"),
        RequestCase(
            "the coding's name in any case", "RFC 9112 7",
            "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: \t, Chunked ,\r\n\r\n0\r\n\r\n", are: "POST / ''"),
        RequestCase(
            "pipelined requests in order", "RFC 9112 9.3.2",
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
                + "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n!\r\n0\r\n\r\n"
                + "GET /4 HTTP/1.1\r\nHost: a\r\n\r\n",
            are: "GET /1 ''", "POST /2 'hi'", "POST /3 '!'", "GET /4 ''"),
        RequestCase(
            "empty lines before the request line", "RFC 9112 2.2",
            "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", are: "GET / ''",
            "GET /2 ''"),
        RequestCase("HTTP/1.0 without Host", "RFC 9112 3.2", "GET / HTTP/1.0\r\n\r\n", are: "GET / ''"),
        RequestCase(
            "a later minor version", "RFC 9110 6.2", "GET / HTTP/1.7\r\nHost: a\r\n\r\n", are: "GET / ''"),
        RequestCase("an empty Host", "RFC 9112 3.2", "GET / HTTP/1.1\r\nHost:\r\n\r\n", are: "GET / ''"),
        RequestCase(
            "a Host in brackets", "RFC 3986 3.2.2", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", are: "GET / ''"),
        RequestCase(
            "absolute form", "RFC 9112 3.2.2", "GET HTTP://b:80/x?y HTTP/1.1\r\nHost: a\r\n\r\n", are: "GET /x?y ''"),
        RequestCase(
            "absolute form with a query and no path", "RFC 9112 3.2.1",
            "GET http://b?y HTTP/1.1\r\nHost: b\r\n\r\n", are: "GET /?y ''"),
        RequestCase(
            "absolute form with neither", "RFC 9112 3.2.1", "GET https://b HTTP/1.1\r\nHost: b\r\n\r\n",
            are: "GET / ''"),
        RequestCase(
            "asterisk form", "RFC 9112 3.2.4", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", are: "OPTIONS * ''"),
        RequestCase(
            "an unknown method", "RFC 9110 9.1", "BR-EW! /tea HTTP/1.1\r\nHost: a\r\n\r\n", are: "BR-EW! /tea ''"),
        RequestCase(
            "a body after 100-continue", "RFC 9110 10.1.1",
            "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi", are: "PUT / 'hi'"),
    ]

    @Test(arguments: cases) func `What the RFCs allow is read, however the stream is cut`(test: RequestCase) {
        expectSameMeaningHoweverCut(test)
    }

    @Test func `Field values keep their inner blanks and lose their outer ones`() throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX-Word: \t one  two\t \r\nX-Empty: \t \r\nX-Latin: \u{E9}\r\n\r\n"
        let fields = try #require(Reading([Array(text.utf8)[...]]).requests.first).head.headerFields
        #expect(fields[try #require(.init("X-Word"))] == "one  two")
        #expect(fields[try #require(.init("X-Empty"))] == "")
        #expect(fields[try #require(.init("X-Latin"))] == "\u{E9}")
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a:1\r\n\r\n", "a:1"),
        ("GET http://b:2/ HTTP/1.1\r\nHost: a:1\r\n\r\n", "b:2"),
        ("GET http://b:2/ HTTP/1.0\r\n\r\n", "b:2"),
        ("GET / HTTP/1.0\r\n\r\n", nil),
    ]) func `The target's authority overrides Host, RFC 9112 section 3.2.2`(text: String, authority: String?) {
        #expect(Reading([Array(text.utf8)[...]]).requests.map(\.head.authority) == [authority])
    }

    @Test(arguments: [
        ("HTTP/1.1\r\nHost: a", true),
        ("HTTP/1.1\r\nHost: a\r\nConnection: upgrade, CLOSE", false),
        ("HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive", false),
        ("HTTP/1.1\r\nHost: a\r\nConnection: closed", true),
        ("HTTP/1.0", false),
        ("HTTP/1.0\r\nConnection: Keep-Alive", true),
        ("HTTP/1.0\r\nConnection: \u{212A}eep-alive", false),
        ("HTTP/1.0\r\nConnection: keep-alive, close", false),
    ]) func `The connection persists as RFC 9112 section 9.3 says`(rest: String, persists: Bool) {
        let reading = Reading([Array("GET / \(rest)\r\n\r\n".utf8)[...]])
        #expect(reading.requests.map(\.keepsAlive) == [persists])
    }

    @Test(arguments: [
        ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", true),
        ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n", true),
        ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nh", false),
        ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", false),
        ("PUT / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", false),
    ]) func `Only a client that waits is told to continue, RFC 9110 section 10.1.1`(
        text: String, waits: Bool
    ) throws {
        var parser = RequestParser(limits: HTTPServerConfiguration())
        parser.append(Array(text.utf8))
        #expect((try parser.next() == .expectsContinue) == waits)
    }
}
