import HTTPTypes
import Testing

@testable import HTTPServer

/// `field-name ":" OWS field-value OWS` (RFC 9112 section 5), and the fields that decide over the connection.
struct FieldTests {
    /// A line after `Host: a`, and whether the request is refused for it.
    static let lines: [(name: String, section: String, line: String, isRefused: Bool)] = [
        ("an empty value", "RFC 9110 5.5", "X:", false),
        ("no blank after the colon", "RFC 9112 5", "X:b", false),
        ("bytes from 128 in a value", "RFC 9110 5.5", "X: \u{E9}", false),
        ("all that a name may have", "RFC 9110 5.6.2", "!#$%&'*+-.^_`|~09azAZ: b", false),
        ("a colon in a value", "RFC 9112 5", "X: b:c", false),
        ("no colon", "RFC 9112 5", "word", true),
        ("an empty name", "RFC 9112 5", ": x", true),
        ("a pseudo-field", "RFC 9112 5", ":path: /x", true),
        ("a blank in a name", "RFC 9110 5.6.2", "X Y: b", true),
        ("a parenthesis in a name", "RFC 9110 5.6.2", "X(: b", true),
        ("a byte from 128 in a name", "RFC 9110 5.6.2", "X\u{E9}: b", true),
        ("a NUL in a name", "RFC 9110 5.6.2", "X\0: b", true),
        ("a blank before the colon", "RFC 9112 5.1", "X : b", true),
        ("a tab before the colon", "RFC 9112 5.1", "X\t: b", true),
        ("a folded line", "RFC 9112 5.2", "X: b\r\n c: d", true),
        ("a line folded with a tab", "RFC 9112 5.2", "X: b\r\n\tc", true),
        ("a line of blanks", "RFC 9112 5.2", "X: b\r\n ", true),
        ("NUL in a value", "RFC 9110 5.5", "X: \0", true),
        ("a vertical tab in a value", "RFC 9110 5.5", "X: \u{B}b", true),
        ("DEL in a value", "RFC 9110 5.5", "X: \u{7F}", true),
        ("a lone CR in a value", "RFC 9112 2.2", "X: b\rc", true),
        ("two CRs at the end", "RFC 9112 2.2", "X: b\r", true),
        ("a line that ends in LF", "RFC 9112 2.2", "X: b\nY: c", true),
    ]

    static let cases =
        lines.map { name, section, line, isRefused in
            RequestCase(
                name, section, "GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n",
                isRefused ? .refused(400, after: []) : .requests(["GET / ''"]))
        } + [
            RequestCase("a folded first line", "RFC 9112 2.2", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", refusedWith: 400),
            RequestCase(
                "nothing but lines that end in LF", "RFC 9112 2.2", "GET / HTTP/1.1\nHost: a\n\n", refusedWith: 400),
            RequestCase(
                "an empty line of an LF", "RFC 9112 2.2", "GET / HTTP/1.1\r\nHost: a\r\n\nGET /evil", refusedWith: 400),
            RequestCase(
                "an unknown expectation", "RFC 9110 10.1.1", "GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n",
                refusedWith: 417),
            RequestCase(
                "an unknown expectation beside the known one", "RFC 9110 10.1.1",
                "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, tea\r\n\r\n", refusedWith: 417),
            RequestCase(
                "a body after 100-continue", "RFC 9110 10.1.1",
                "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi", are: "PUT / 'hi'"),
            RequestCase(
                "an offer to upgrade, ignored", "RFC 9110 7.8",
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", are: "GET / ''"),
        ]

    @Test(arguments: cases) func `Header fields mean the same however they are cut`(test: RequestCase) {
        expectSameMeaningHoweverCut(test)
    }

    @Test func `Field values keep their inner blanks and lose their outer ones, RFC 9112 section 5.1`() throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX-Word: \t one  two\t \r\nX-Empty: \t \r\nX-Latin: \u{E9}\r\n\r\n"
        let fields = try #require(Reading([Array(text.utf8)[...]]).requests.first).head.headerFields
        #expect(fields[try #require(.init("X-Word"))] == "one  two")
        #expect(fields[try #require(.init("X-Empty"))] == "")
        #expect(fields[try #require(.init("X-Latin"))] == "\u{E9}")
    }

    @Test(arguments: [
        ("HTTP/1.1\r\nHost: a", true),
        ("HTTP/1.7\r\nHost: a", true),
        ("HTTP/1.1\r\nHost: a\r\nConnection: upgrade, CLOSE", false),
        ("HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive", false),
        ("HTTP/1.1\r\nHost: a\r\nConnection: keep-alive,\t ,close,", false),
        ("HTTP/1.1\r\nHost: a\r\nConnection: closed", true),
        ("HTTP/1.1\r\nHost: a\r\nConnection:", true),
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
        ("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", false),
        ("PUT / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", false),
    ]) func `Only a client that waits is told to continue, RFC 9110 section 10.1.1`(
        text: String, waits: Bool
    ) throws {
        var parser = RequestParser(limits: HTTPServerConfiguration())
        var heads = RecentHeads()
        parser.append(Array(text.utf8))
        var isWaiting = false
        if case .content(_, _, awaitsLeave: true) = try parser.next(&heads) { isWaiting = true }
        #expect(isWaiting == waits)
    }
}
