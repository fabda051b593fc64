import Testing

@testable import HTTPServer

struct BadRequestTests {
    static let requestLines = [
        RequestCase("two spaces", "RFC 9112 3", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase("a tab for a space", "RFC 9112 3", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase("a trailing space", "RFC 9112 3", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase("a leading space", "RFC 9112 3", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase("HTTP/0.9", "RFC 9112 3", "GET /\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase("a space in the target", "RFC 9112 3.2", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase(
            "a byte from 128 in the target", "RFC 9112 3.2", "GET /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400
        ),
        RequestCase("NUL in the target", "RFC 9112 3.2", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase("a target without '/'", "RFC 9112 3.2", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase("'*' with GET", "RFC 9112 3.2.4", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase(
            "an empty authority", "RFC 9110 4.2.1", "GET http:///x HTTP/1.1\r\nHost:\r\n\r\n", refusedWith: 400),
        RequestCase(
            "user information", "RFC 9110 4.2.4", "GET http://u@b/ HTTP/1.1\r\nHost: b\r\n\r\n", refusedWith: 400),
        RequestCase("another scheme", "RFC 9112 3.2.2", "GET ftp://b/ HTTP/1.1\r\nHost: b\r\n\r\n", refusedWith: 400),
        RequestCase("a method that is no token", "RFC 9110 9.1", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase("CONNECT", "RFC 9110 9.3.6", "CONNECT b:443 HTTP/1.1\r\nHost: b\r\n\r\n", refusedWith: 501),
        RequestCase("CONNECT to a path", "RFC 9110 9.3.6", "CONNECT / HTTP/1.1\r\nHost: b\r\n\r\n", refusedWith: 501),
        RequestCase("HTTP/2.0", "RFC 9110 15.6.6", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", refusedWith: 505),
        RequestCase(
            "the HTTP/2 preface", "RFC 9113 3.4", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", refusedWith: 505),
        RequestCase("a version in lower case", "RFC 9112 2.3", "GET / http/1.1\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase("a version of two digits", "RFC 9112 2.3", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase("TLS", "RFC 8446 5.1", "\u{16}\u{3}\u{1}\u{2}\0\n", refusedWith: 400),
        RequestCase("TLS without a line feed", "RFC 8446 5.1", "\u{16}\u{3}\u{1}\u{2}\0", refusedWith: 400),
        RequestCase(
            "TLS after a request", "RFC 8446 5.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n\u{16}", refusedWith: 400,
            after: "GET / ''"),
    ]

    static let fields = [
        RequestCase("no Host", "RFC 9112 3.2", "GET / HTTP/1.1\r\n\r\n", refusedWith: 400),
        RequestCase("two Hosts", "RFC 9112 3.2", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase(
            "two Hosts of HTTP/1.0", "RFC 9112 3.2", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", refusedWith: 400),
        RequestCase("a Host with a path", "RFC 9112 3.2", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", refusedWith: 400),
        RequestCase("a Host with a blank", "RFC 9112 3.2", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", refusedWith: 400),
        RequestCase(
            "a bad Host beside an absolute form", "RFC 9112 3.2", "GET http://b/ HTTP/1.1\r\nHost: a@b\r\n\r\n",
            refusedWith: 400),
        RequestCase("no colon", "RFC 9112 5", "GET / HTTP/1.1\r\nHost: a\r\nword\r\n\r\n", refusedWith: 400),
        RequestCase("an empty name", "RFC 9112 5", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", refusedWith: 400),
        RequestCase("a pseudo-field", "RFC 9112 5", "GET / HTTP/1.1\r\nHost: a\r\n:path: /x\r\n\r\n", refusedWith: 400),
        RequestCase("a blank before the colon", "RFC 9112 5.1", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", refusedWith: 400),
        RequestCase(
            "a folded line", "RFC 9112 5.2", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c: d\r\n\r\n", refusedWith: 400),
        RequestCase("a folded first line", "RFC 9112 2.2", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", refusedWith: 400),
        RequestCase("NUL in a value", "RFC 9110 5.5", "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", refusedWith: 400),
        RequestCase(
            "DEL in a value", "RFC 9110 5.5", "GET / HTTP/1.1\r\nHost: a\r\nX: \u{7F}\r\n\r\n", refusedWith: 400),
        RequestCase(
            "a lone CR in a value", "RFC 9110 5.5", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n", refusedWith: 400),
        RequestCase("lines that end in LF", "RFC 9112 2.2", "GET / HTTP/1.1\nHost: a\n\n", refusedWith: 400),
        RequestCase(
            "one line that ends in LF", "RFC 9112 2.2", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", refusedWith: 400),
        RequestCase(
            "an LF before the request line", "RFC 9112 2.2", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", refusedWith: 400),
        RequestCase(
            "an unknown expectation", "RFC 9110 10.1.1", "GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n",
            refusedWith: 417),
    ]

    /// Streams in which two readers could see different requests. None may be read as the second request `GET /evil`.
    static let smuggling = [
        RequestCase(
            "length and chunks", "RFC 9112 6.3",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil",
            refusedWith: 400),
        RequestCase(
            "chunks and length", "RFC 9112 6.3",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\nGET /evil",
            refusedWith: 400),
        RequestCase(
            "an empty coding and a length", "RFC 9112 6.3",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\nContent-Length: 0\r\n\r\nGET /evil", refusedWith: 400),
        RequestCase(
            "two lengths", "RFC 9112 6.3",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\nGET /evil", refusedWith: 400),
        RequestCase(
            "a list of lengths", "RFC 9110 8.6",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 9\r\n\r\nGET /evil", refusedWith: 400),
        RequestCase(
            "a signed length", "RFC 9110 8.6", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
            refusedWith: 400),
        RequestCase(
            "a negative length", "RFC 9110 8.6", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            refusedWith: 400),
        RequestCase(
            "a hexadecimal length", "RFC 9110 8.6", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n",
            refusedWith: 400),
        RequestCase(
            "an empty length", "RFC 9110 8.6", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", refusedWith: 400
        ),
        RequestCase(
            "full-width digits", "RFC 9110 8.6", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \u{FF15}\r\n\r\n",
            refusedWith: 400),
        RequestCase(
            "chunks of HTTP/1.0", "RFC 9112 6.1",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", refusedWith: 400),
        RequestCase(
            "a coding after chunked", "RFC 9112 6.3",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", refusedWith: 400),
        RequestCase(
            "chunked twice", "RFC 9112 6.1",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            refusedWith: 400),
        RequestCase(
            "not chunked at all", "RFC 9112 6.3",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", refusedWith: 400),
        RequestCase(
            "chunked with a Kelvin sign", "RFC 9110 5.6.2",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chun\u{212A}ed\r\n\r\n0\r\n\r\n", refusedWith: 400),
        RequestCase(
            "a vertical tab before chunked", "RFC 9110 5.5",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{B}chunked\r\n\r\n0\r\n\r\n", refusedWith: 400),
        RequestCase(
            "an unknown coding before chunked", "RFC 9112 6.1",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", refusedWith: 501),
        RequestCase(
            "a second request that is refused", "RFC 9112 9.3.2",
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
            refusedWith: 400, after: "GET /1 ''"),
    ]

    static let chunks = [
        ("an empty size", "\r\n", 400), ("a size that is no number", "g\r\n", 400), ("a signed size", "+1\r\nx", 400),
        ("a prefixed size", "0x1\r\nx", 400), ("a negative size", "-1\r\n", 400),
        ("a size of 16 digits", "0000000000000001\r\nx", 400), ("a size over Int", "ffffffffffffffff\r\n", 400),
        ("a leading blank", " 1\r\nx", 400), ("a trailing blank", "1 \r\nx", 400), ("a second number", "1 1\r\nx", 400),
        ("a size line that ends in LF", "1\nx", 400), ("a lone CR in an extension", "1;a\rb\r\nx", 400),
        ("NUL in an extension", "1;\0\r\nx", 400), ("a chunk that is too long", "1\r\nxy\r\n0\r\n\r\n", 400),
        ("a chunk that ends in LF", "1\r\nx\n0\r\n\r\n", 400),
        ("a chunk that ends in CR CR", "1\r\nx\r\r\n0\r\n\r\n", 400),
        ("a request for a trailer", "0\r\nGET /evil HTTP/1.1\r\n\r\n", 400),
        ("a folded trailer", "0\r\nA: b\r\n c\r\n\r\n", 400), ("a trailer that ends in LF", "0\r\nA: b\n\r\n", 400),
        ("a control character in a trailer", "0\r\nA: \u{1}\r\n\r\n", 400),
        ("a size over the limit", "fffffffffffffff\r\n", 413),
    ].map { name, body, status in
        RequestCase(
            name, "RFC 9112 7.1", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)",
            refusedWith: status)
    }

    @Test(arguments: requestLines) func `A bad request line is refused`(test: RequestCase) {
        expectSameMeaningHoweverCut(test)
    }

    @Test(arguments: fields) func `Bad header fields are refused`(test: RequestCase) {
        expectSameMeaningHoweverCut(test)
    }

    @Test(arguments: smuggling) func `A request that two readers would end in different places is refused`(
        test: RequestCase
    ) {
        expectSameMeaningHoweverCut(test)
    }

    @Test(arguments: chunks) func `Bad chunks are refused`(test: RequestCase) {
        expectSameMeaningHoweverCut(test)
    }
}
