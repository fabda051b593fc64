import Testing

@testable import HTTPServer

/// Content in chunks (RFC 9112 section 7.1).
struct ChunkTests {
    /// What comes after the head; then the content, or the status it is refused with.
    static let bodies: [(name: String, section: String, body: String, meaning: String)] = [
        ("no chunks", "RFC 9112 7.1", "0\r\n\r\n", "''"),
        ("chunks", "RFC 9112 7.1", "5\r\nhello\r\n006\r\n world\r\n0\r\n\r\n", "'hello world'"),
        (
            "sizes in both cases", "RFC 9112 7.1", "A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n",
            "'01234567890123456789a'"
        ),
        ("content that looks like chunks", "RFC 9112 7.1", "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n", "'\r\n0\r\n\r\n'"),
        (
            "more zeros than an Int has digits", "RFC 9112 7.1",
            "000000000000000000001\r\nx\r\n00000000000000000000\r\n\r\n", "'x'"
        ),
        ("an empty size", "RFC 9112 7.1", "\r\n", "400"),
        ("a size that is no number", "RFC 9112 7.1", "g\r\n", "400"),
        ("a signed size", "RFC 9112 7.1", "+1\r\nx", "400"),
        ("a negative size", "RFC 9112 7.1", "-1\r\n", "400"),
        ("a prefixed size", "RFC 9112 7.1", "0x1\r\nx", "400"),
        ("a size over the limit", "RFC 9112 7.1", "fffffffffffffff\r\n", "413"),
        ("a size over Int", "RFC 9112 7.1", "ffffffffffffffff\r\n", "413"),
        ("a size that wraps to 1", "RFC 9112 7.1", "10000000000000001\r\nx\r\n0\r\n\r\n", "413"),
        ("a leading blank", "RFC 9112 7.1", " 1\r\nx", "400"),
        ("a trailing blank", "RFC 9112 7.1", "1 \r\nx", "400"),
        ("a second number", "RFC 9112 7.1", "1 1\r\nx", "400"),
        ("a size line that ends in LF", "RFC 9112 2.2", "1\nx", "400"),
        ("a chunk that is too long", "RFC 9112 7.1", "1\r\nxy\r\n0\r\n\r\n", "400"),
        ("a chunk that ends in LF", "RFC 9112 2.2", "1\r\nx\n0\r\n\r\n", "400"),
        ("a chunk that ends in CR CR", "RFC 9112 2.2", "1\r\nx\r\r\n0\r\n\r\n", "400"),

        ("extensions", "RFC 9112 7.1.1", "2;a=b;c\r\nhi\r\n0;x\r\n\r\n", "'hi'"),
        ("bad white space", "RFC 9112 7.1.1", "2 ;\ta = b ; c\r\nhi\r\n0\r\n\r\n", "'hi'"),
        ("a quoted string", "RFC 9112 7.1.1", "2;a=\"b; \\\"0\\\" c\";d\r\nhi\r\n0\r\n\r\n", "'hi'"),
        ("an empty quoted string", "RFC 9112 7.1.1", "0;a=\"\"\r\n\r\n", "''"),
        ("a quoted string without an end", "RFC 9110 5.6.4", "2;a=\"b\r\nhi\r\n0\r\n\r\n", "400"),
        ("a quoted string that ends in an escape", "RFC 9110 5.6.4", "2;a=\"b\\\r\nhi\r\n0\r\n\r\n", "400"),
        ("something after a quoted string", "RFC 9112 7.1.1", "2;a=\"b\"c\r\nhi\r\n0\r\n\r\n", "400"),
        ("an extension without a name", "RFC 9112 7.1.1", "2;\r\nhi\r\n0\r\n\r\n", "400"),
        ("an extension without a value", "RFC 9112 7.1.1", "2;a=\r\nhi\r\n0\r\n\r\n", "400"),
        ("a trailing blank after an extension", "RFC 9112 7.1.1", "2;a \r\nhi\r\n0\r\n\r\n", "400"),
        ("a lone CR in an extension", "RFC 9112 2.2", "1;a\rb\r\nx", "400"),
        ("NUL in an extension", "RFC 9110 5.6.2", "1;\0\r\nx", "400"),
        ("NUL in a quoted string", "RFC 9110 5.6.4", "1;a=\"\0\"\r\nx", "400"),

        ("trailers, dropped", "RFC 9112 7.1.2", "2\r\nhi\r\n0\r\nDigest: x\r\nA:\r\n\r\n", "'hi'"),
        (
            "trailers that would frame or authorise, dropped", "RFC 9110 6.5.1",
            "0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\nHost: b\r\nAuthorization: c\r\n\r\n", "''"
        ),
        ("a request for a trailer", "RFC 9112 7.1.2", "0\r\nGET /evil HTTP/1.1\r\n\r\n", "400"),
        ("a folded trailer", "RFC 9112 5.2", "0\r\nA: b\r\n c\r\n\r\n", "400"),
        ("a trailer that ends in LF", "RFC 9112 2.2", "0\r\nA: b\n\r\n", "400"),
        ("a control character in a trailer", "RFC 9110 5.5", "0\r\nA: \u{1}\r\n\r\n", "400"),
        ("a blank before a trailer's colon", "RFC 9112 5.1", "0\r\nA : b\r\n\r\n", "400"),
    ]

    static let cases = bodies.map { name, section, body, meaning in
        RequestCase(
            name, section, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)",
            Int(meaning).map { .refused($0, after: []) } ?? .requests(["POST / \(meaning)"]))
    }

    @Test(arguments: cases) func `Chunks mean the same however they are cut`(test: RequestCase) {
        expectSameMeaningHoweverCut(test)
    }

    @Test(arguments: bodies.filter { $0.meaning.hasPrefix("'") }.map(\.body))
    func `Trailers add no field to the request, RFC 9110 section 6.5.1`(body: String) {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
        #expect(Reading([Array(text.utf8)[...]]).requests.map(\.head.headerFields.count) == [2])
    }
}
