import Testing

@testable import HTTPServer

/// Where a request ends (RFC 9112 section 6.3).
struct FramingTests {
    /// Streams in which two readers could see different requests. None may be read as the second request `GET /evil`.
    static let refused: [(name: String, section: String, fields: String, status: Int)] = [
        ("length and chunks", "RFC 9112 6.1", "Content-Length: 4\r\nTransfer-Encoding: chunked", 400),
        ("chunks and length", "RFC 9112 6.1", "Transfer-Encoding: chunked\r\nContent-Length: 0", 400),
        ("an empty coding and a length", "RFC 9112 6.1", "Transfer-Encoding:\r\nContent-Length: 0", 400),
        ("an empty coding", "RFC 9112 6.3", "Transfer-Encoding:", 400),

        ("two lengths", "RFC 9112 6.3", "Content-Length: 0\r\nContent-Length: 9", 400),
        ("a list of two lengths", "RFC 9112 6.3", "Content-Length: 0, 9", 400),
        ("the same length twice, which may be refused", "RFC 9110 8.6", "Content-Length: 0\r\nContent-Length: 0", 400),
        ("a list of the same length, which may be refused", "RFC 9110 8.6", "Content-Length: 0, 0", 400),
        ("a signed length", "RFC 9110 8.6", "Content-Length: +5", 400),
        ("a negative length", "RFC 9110 8.6", "Content-Length: -1", 400),
        ("a hexadecimal length", "RFC 9110 8.6", "Content-Length: 0x5", 400),
        ("a length with a point", "RFC 9110 8.6", "Content-Length: 5.0", 400),
        ("a length with a blank inside", "RFC 9110 8.6", "Content-Length: 0 5", 400),
        ("an empty length", "RFC 9110 8.6", "Content-Length:", 400),
        ("full-width digits", "RFC 9110 8.6", "Content-Length: \u{FF15}", 400),
        ("a length over Int", "RFC 9110 8.6", "Content-Length: 99999999999999999999", 413),

        ("a coding after chunked", "RFC 9112 6.3", "Transfer-Encoding: chunked, identity", 400),
        ("chunked twice", "RFC 9112 6.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400),
        (
            "an empty field before chunked, which readers may combine", "RFC 9110 5.3",
            "Transfer-Encoding:\r\nTransfer-Encoding: chunked", 400
        ),
        ("not chunked at all", "RFC 9112 6.3", "Transfer-Encoding: gzip", 400),
        ("chunked with a parameter", "RFC 9112 7.1", "Transfer-Encoding: chunked;a=b", 400),
        ("chunked in quotes", "RFC 9112 7", "Transfer-Encoding: \"chunked\"", 400),
        ("chunked with a Kelvin sign", "RFC 9110 5.6.2", "Transfer-Encoding: chun\u{212A}ed", 400),
        ("a vertical tab before chunked", "RFC 9110 5.5", "Transfer-Encoding: \u{B}chunked", 400),
        ("another word that begins so", "RFC 9112 7", "Transfer-Encoding: chunkedx", 400),
        ("an unknown coding before chunked", "RFC 9112 6.1", "Transfer-Encoding: gzip, chunked", 501),
    ]

    static let cases =
        refused.map { name, section, fields, status in
            RequestCase(
                name, section,
                "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
                refusedWith: status)
        } + [
            RequestCase(
                "neither", "RFC 9112 6.3", "POST / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
                are: "POST / ''", "GET /2 ''"),
            RequestCase(
                "a length", "RFC 9112 6.2", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
                are: "POST /a 'hello'"),
            RequestCase(
                "a length of GET", "RFC 9110 9.3.1", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
                are: "GET / 'hello'"),
            RequestCase(
                "leading zeros", "RFC 9110 8.6", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0002\r\n\r\nhi",
                are: "POST / 'hi'"),
            RequestCase(
                "a last byte that is missing", "RFC 9112 6.2",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nhi"),
            RequestCase(
                "the coding's name in any case", "RFC 9112 7",
                "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: \t, Chunked ,\r\n\r\n0\r\n\r\n", are: "POST / ''"),
            RequestCase(
                "chunks of HTTP/1.0", "RFC 9112 6.1",
                "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", refusedWith: 400),
            RequestCase(
                "pipelined requests in order", "RFC 9112 9.3.2",
                "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
                    + "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n!\r\n0\r\n\r\n"
                    + "GET /4 HTTP/1.1\r\nHost: a\r\n\r\n",
                are: "GET /1 ''", "POST /2 'hi'", "POST /3 '!'", "GET /4 ''"),
            RequestCase(
                "a second request that is refused", "RFC 9112 9.3.2",
                "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
                refusedWith: 400, after: "GET /1 ''"),
        ]

    @Test(arguments: cases) func `A request ends where RFC 9112 section 6.3 says, however it is cut`(
        test: RequestCase
    ) {
        expectSameMeaningHoweverCut(test)
    }
}
