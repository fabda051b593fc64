import Testing

@testable import HTTPServer

/// Exactly one `Host` of a request of HTTP/1.1, and valid (RFC 9112 section 3.2).
struct HostTests {
    static let values: [(name: String, section: String, host: String, isRefused: Bool)] = [
        ("a name", "RFC 9110 7.2", "a-b.example", false),
        ("a port", "RFC 9110 7.2", "a:8080", false),
        ("a colon without a port", "RFC 3986 3.2.3", "a:", false),
        ("blanks around it", "RFC 9112 5.1", " \ta\t ", false),
        ("nothing, as of a target without authority", "RFC 9112 3.2", "", false),
        ("an IPv4 address", "RFC 3986 3.2.2", "127.0.0.1:80", false),
        ("an IPv6 address", "RFC 3986 3.2.2", "[::1]", false),
        ("an IPv6 address and a port", "RFC 3986 3.2.2", "[2001:db8::ffff:1.2.3.4]:80", false),
        ("an address of a future version", "RFC 3986 3.2.2", "[v1F.a:b]:80", false),
        ("an encoded name", "RFC 3986 3.2.2", "a%C3%A9!$&'()*+,;=_~", false),

        ("a port without a host", "RFC 9110 4.2.1", ":80", true),
        ("a port that is no number", "RFC 3986 3.2.3", "a:80a", true),
        ("a signed port", "RFC 3986 3.2.3", "a:+80", true),
        ("a port that TCP does not have", "RFC 9293 3.1", "a:65536", true),
        ("two ports", "RFC 3986 3.2.3", "a:80:80", true),
        ("an IPv6 address without brackets", "RFC 3986 3.2.2", "::1", true),
        ("a bracket that is not closed", "RFC 3986 3.2.2", "[::1", true),
        ("a bracket that is not opened", "RFC 3986 3.2.2", "::1]", true),
        ("empty brackets", "RFC 3986 3.2.2", "[]", true),
        ("a name in brackets", "RFC 3986 3.2.2", "[a]", true),
        ("an IPv6 address that is too long", "RFC 3986 3.2.2", "[1:2:3:4:5:6:7:8:9]", true),
        ("an IPv6 address with a zone", "RFC 3986 3.2.2", "[fe80::1%25eth0]", true),
        ("something after the bracket", "RFC 3986 3.2.2", "[::1]a", true),
        ("a version without a number", "RFC 3986 3.2.2", "[v.a]", true),
        ("a percent sign without digits", "RFC 3986 2.1", "a%4", true),
        ("user information", "RFC 9110 7.2", "u@a", true),
        ("a path", "RFC 9110 7.2", "a/b", true),
        ("a URI", "RFC 9110 7.2", "http://a", true),
        ("a blank inside", "RFC 9110 7.2", "a b", true),
        ("a list", "RFC 9110 7.2", "a, b", true),
        ("a byte from 128", "RFC 3986 3.2.2", "\u{E9}", true),
    ]

    static let cases =
        values.map { name, section, host, isRefused in
            RequestCase(
                name, section, "GET / HTTP/1.1\r\nHost:\(host)\r\n\r\n",
                isRefused ? .refused(400, after: []) : .requests(["GET / ''"]))
        } + [
            RequestCase("none", "RFC 9112 3.2", "GET / HTTP/1.1\r\n\r\n", refusedWith: 400),
            RequestCase("none in HTTP/1.0", "RFC 9112 3.2", "GET / HTTP/1.0\r\n\r\n", are: "GET / ''"),
            RequestCase("two", "RFC 9112 3.2", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", refusedWith: 400),
            RequestCase(
                "two in HTTP/1.0", "RFC 9112 3.2", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", refusedWith: 400),
            RequestCase(
                "none beside an absolute form", "RFC 9112 3.2", "GET http://b/ HTTP/1.1\r\n\r\n", refusedWith: 400),
            RequestCase(
                "another one than the absolute form's, ignored", "RFC 9112 3.2.2",
                "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", are: "GET / ''"),
            RequestCase(
                "a bad one beside an absolute form", "RFC 9112 3.2", "GET http://b/ HTTP/1.1\r\nHost: a@b\r\n\r\n",
                refusedWith: 400),
        ]

    @Test(arguments: cases) func `Host is one host and port`(test: RequestCase) {
        expectSameMeaningHoweverCut(test)
    }
}
