import Testing

@testable import HTTPServer

/// `method SP request-target SP HTTP-version` (RFC 9112 section 3).
struct RequestLineTests {
    /// The request line, or all that comes; `nil` where it is read.
    static let lines: [(name: String, section: String, line: String, status: Int?)] = [
        ("single spaces", "RFC 9112 3", "GET / HTTP/1.1", nil),
        ("two spaces", "RFC 9112 3", "GET  / HTTP/1.1", 400),
        ("a tab for a space", "RFC 9112 3", "GET\t/ HTTP/1.1", 400),
        ("a vertical tab for a space", "RFC 9112 3", "GET\u{B}/ HTTP/1.1", 400),
        ("a trailing space", "RFC 9112 3", "GET / HTTP/1.1 ", 400),
        ("a leading space", "RFC 9112 3", " GET / HTTP/1.1", 400),
        ("nothing but a method", "RFC 9112 3", "GET", 400),
        ("no target", "RFC 9112 3", "GET  HTTP/1.1", 400),
        ("HTTP/0.9", "RFC 9112 3", "GET /", 400),
        ("a lone CR at the end", "RFC 9112 2.2", "GET / HTTP/1.1\r", 400),
        ("a lone CR for a space", "RFC 9112 2.2", "GET\r/ HTTP/1.1", 400),
        ("a method that is no token", "RFC 9110 9.1", "G(T / HTTP/1.1", 400),
        ("a method of bytes from 128", "RFC 9110 9.1", "G\u{C9}T / HTTP/1.1", 400),
        ("a NUL in the method", "RFC 9110 9.1", "G\0T / HTTP/1.1", 400),
        ("an unknown method, which the router refuses", "RFC 9110 9.1", "BR-EW! / HTTP/1.1", nil),
        ("a method in lower case, which is another one", "RFC 9110 9.1", "get / HTTP/1.1", nil),
        ("HTTP/1.0", "RFC 9112 2.3", "GET / HTTP/1.0", nil),
        ("a later minor version, which speaks 1.1 too", "RFC 9110 6.2", "GET / HTTP/1.7", nil),
        ("HTTP/2.0", "RFC 9110 15.6.6", "GET / HTTP/2.0", 505),
        ("HTTP/0.9 by its name", "RFC 9110 15.6.6", "GET / HTTP/0.9", 505),
        ("HTTP/3 without a minor version", "RFC 9112 2.3", "GET / HTTP/3", 400),
        ("a version in lower case", "RFC 9112 2.3", "GET / http/1.1", 400),
        ("a version of two digits", "RFC 9112 2.3", "GET / HTTP/1.10", 400),
        ("a version of two digits before the point", "RFC 9112 2.3", "GET / HTTP/01.1", 400),
        ("a version of other digits", "RFC 9112 2.3", "GET / HTTP/1.\u{FF11}", 400),
        ("a signed version", "RFC 9112 2.3", "GET / HTTP/+1.1", 400),
        ("another protocol", "RFC 9112 2.3", "GET / RTSP/1.0", 400),
    ]

    static let cases =
        lines.map { name, section, line, status in
            let meaning = status.map { RequestCase.Meaning.refused($0, after: []) }
            let request = "\(line.prefix { $0 != " " }) / ''"
            return RequestCase(name, section, "\(line)\r\nHost: a\r\n\r\n", meaning ?? .requests([request]))
        } + [
            RequestCase("the HTTP/2 preface", "RFC 9113 3.4", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", refusedWith: 505),
            RequestCase("TLS on a plain port", "RFC 8446 5.1", "\u{16}\u{3}\u{1}\u{2}\0\n", refusedWith: 400),
            RequestCase("TLS before its first line feed", "RFC 8446 5.1", "\u{16}\u{3}\u{1}\u{2}\0", refusedWith: 400),
            RequestCase(
                "TLS after a request", "RFC 8446 5.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n\u{16}", refusedWith: 400,
                after: "GET / ''"),
            RequestCase("an empty stream", "RFC 9112 2.1", ""),
            RequestCase("a head that has not ended", "RFC 9112 2.1", "GET / HTTP/1.1\r\nHost: a\r\n"),
            RequestCase(
                "empty lines before the request line, ignored", "RFC 9112 2.2",
                "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", are: "GET / ''",
                "GET /2 ''"),
            RequestCase(
                "an LF before the request line", "RFC 9112 2.2", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400
            ),
            RequestCase(
                "a CR before the request line", "RFC 9112 2.2", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400
            ),
        ]

    @Test(arguments: cases) func `A request line means the same however it is cut`(test: RequestCase) {
        expectSameMeaningHoweverCut(test)
    }
}
