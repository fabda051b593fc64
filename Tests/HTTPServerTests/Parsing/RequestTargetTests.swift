import Testing

@testable import HTTPServer

/// The forms of a target (RFC 9112 section 3.2) and the paths that are the same one (RFC 3986 section 6.2.2).
struct RequestTargetTests {
    /// What GET, or the method that stands before the target, is aimed at; or the status it is refused with.
    static let targets: [(name: String, section: String, target: String, meaning: String)] = [
        ("origin form", "RFC 9112 3.2.1", "/a/b", "/a/b"),
        ("a query", "RFC 9112 3.2.1", "/a?b=/?", "/a?b=/?"),
        ("all that a path may have", "RFC 3986 3.3", "/aZ09-._~!$&'()*+,;=:@", "/aZ09-._~!$&'()*+,;=:@"),
        ("empty segments, kept", "RFC 3986 3.3", "//a//", "//a//"),
        ("no '/' at its start", "RFC 9112 3.2", "a", "400"),
        ("a query alone", "RFC 9112 3.2", "?a", "400"),
        ("a fragment", "RFC 9112 3.2", "/a#b", "400"),
        ("a space", "RFC 9112 3.2", "/a b", "400"),
        ("a byte from 128", "RFC 9112 3.2", "/\u{E9}", "400"),
        ("NUL", "RFC 9112 3.2", "/\0", "400"),
        ("DEL", "RFC 9112 3.2", "/\u{7F}", "400"),
        ("a backslash", "RFC 3986 3.3", "/a\\b", "400"),
        ("a quote", "RFC 3986 3.3", "/\"", "400"),
        ("brackets", "RFC 3986 3.3", "/[a]", "400"),
        ("what browsers do not encode in a query", "URL 1.3", #"/?a[b]={c|d}\^`?"#, #"/?a[b]={c|d}\^`?"#),
        ("what they encode in one", "URL 1.3", "/?a=\"", "400"),
        ("a space in a query", "URL 1.3", "/?a b", "400"),
        ("angle brackets in a query", "URL 1.3", "/?<a>", "400"),
        ("a fragment after a query", "RFC 9112 3.2", "/?a#b", "400"),
        ("DEL in a query", "URL 1.3", "/?\u{7F}", "400"),
        ("a byte from 128 in a query", "URL 1.3", "/?\u{E9}", "400"),
        ("a bar in a path", "RFC 3986 3.3", "/a|b?c", "400"),

        ("a percent sign alone", "RFC 3986 2.1", "/%", "400"),
        ("one digit", "RFC 3986 2.1", "/%4", "400"),
        ("no digits", "RFC 3986 2.1", "/%zz", "400"),
        ("no digits in the query", "RFC 3986 2.4", "/?%2", "400"),
        ("digits of another script", "RFC 3986 2.1", "/%\u{FF14}1", "400"),
        ("an encoded NUL", "RFC 3986 7.3", "/a%00b", "400"),
        ("an encoded NUL in the query", "RFC 3986 7.3", "/?a=%00", "400"),
        ("an encoded slash, which is data", "RFC 3986 2.2", "/a%2Fb", "/a%2Fb"),
        ("an encoded percent sign, decoded once", "RFC 3986 2.4", "/%252e%252E/a", "/%252e%252E/a"),

        ("'.'", "RFC 3986 5.2.4", "/a/./b", "/a/b"),
        ("'..'", "RFC 3986 5.2.4", "/a/../b", "/b"),
        ("the RFC's own example", "RFC 3986 5.2.4", "/a/b/c/./../../g", "/a/g"),
        ("'.' at the end", "RFC 3986 5.2.4", "/a/.", "/a/"),
        ("'..' at the end", "RFC 3986 5.2.4", "/a/b/..", "/a/"),
        ("'..' at the root", "RFC 3986 5.2.4", "/../../a", "/a"),
        ("nothing but '..'", "RFC 3986 5.2.4", "/..", "/"),
        ("nothing but '.'", "RFC 3986 5.2.4", "/.", "/"),
        ("'..' after an empty segment", "RFC 3986 5.2.4", "/a//../b", "/a/b"),
        ("encoded dots", "RFC 3986 6.2.2.2", "/a/%2e%2E/%2e/b", "/b"),
        ("one encoded dot of two", "RFC 3986 6.2.2.2", "/a/.%2e", "/"),
        ("three dots", "RFC 3986 5.2.4", "/a/.../b", "/a/.../b"),
        ("dots with a slash that is data", "RFC 3986 2.2", "/a/..%2f../b", "/a/..%2f../b"),
        ("a name that begins with a dot", "RFC 3986 5.2.4", "/.a/..b/c.", "/.a/..b/c."),
        ("dots in the query", "RFC 3986 5.2.4", "/a/../?b/../c", "/?b/../c"),

        ("absolute form", "RFC 9112 3.2.2", "http://b:80/x?y", "/x?y"),
        ("the scheme in any case", "RFC 3986 3.1", "HtTp://b/", "/"),
        ("a query and no path", "RFC 9110 4.2.3", "http://b?y", "/?y"),
        ("neither", "RFC 9110 4.2.3", "http://b", "/"),
        ("dot segments in it", "RFC 3986 5.2.4", "http://b/../x", "/x"),
        ("an IPv6 address", "RFC 3986 3.2.2", "http://[::1]:80/", "/"),
        ("an empty authority", "RFC 9110 4.2.1", "http:///x", "400"),
        ("a port alone", "RFC 9110 4.2.1", "http://:80/x", "400"),
        ("user information", "RFC 9110 4.2.4", "http://u@b/", "400"),
        ("a backslash in the authority", "RFC 3986 3.2.2", "http://b\\@c/", "400"),
        ("another scheme", "RFC 9112 3.2.2", "ftp://b/", "400"),
        ("a scheme without its slashes", "RFC 9112 3.2.2", "http:/b/", "400"),
        ("https on a plain connection", "RFC 9110 7.4", "https://b/", "421"),

        ("authority form, but for CONNECT", "RFC 9112 3.2.3", "b:80", "400"),
        ("CONNECT", "RFC 9110 9.3.6", "CONNECT b:443", "501"),
        ("CONNECT to a path", "RFC 9110 9.3.6", "CONNECT /", "501"),
        ("asterisk form", "RFC 9112 3.2.4", "OPTIONS *", "*"),
        ("asterisk form, but for OPTIONS", "RFC 9112 3.2.4", "*", "400"),
        ("an asterisk and more", "RFC 9112 3.2.4", "OPTIONS *?", "400"),
        ("OPTIONS of an empty path, which is the whole server", "RFC 9110 4.2.3", "OPTIONS http://b", "*"),
        ("OPTIONS of a path", "RFC 9110 9.3.7", "OPTIONS http://b/", "/"),
    ]

    static let cases = targets.map { name, section, target, meaning in
        let words = target.split(separator: " ")
        let isGet = !["CONNECT", "OPTIONS"].contains(words[0])
        let request = isGet ? "GET \(target)" : target
        return RequestCase(
            name, section, "\(request) HTTP/1.1\r\nHost: a\r\n\r\n",
            Int(meaning).map { .refused($0, after: []) } ?? .requests(["\(isGet ? "GET" : words[0]) \(meaning) ''"]))
    }

    @Test(arguments: cases) func `A target means the same however it is cut`(test: RequestCase) {
        expectSameMeaningHoweverCut(test)
    }

    @Test(arguments: ["https", "http"]) func `Both schemes are served over TLS, RFC 9110 section 7.4`(
        scheme: String
    ) throws {
        var parser = RequestParser(limits: HTTPServerConfiguration(), isSecure: true)
        var heads = RecentHeads()
        parser.append("GET \(scheme)://b/x HTTP/1.1\r\nHost: b\r\n\r\n".utf8)
        guard case .request(let request) = try parser.next(&heads) else { Issue.record("no request"); return }
        #expect(request.head.path == "/x")
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a:1\r\n\r\n", "a:1"),
        ("GET http://b:2/ HTTP/1.1\r\nHost: a:1\r\n\r\n", "b:2"),
        ("GET http://b:2/ HTTP/1.0\r\n\r\n", "b:2"),
        ("GET / HTTP/1.0\r\n\r\n", nil),
    ]) func `The target's authority overrides Host, RFC 9112 section 3.2.2`(text: String, authority: String?) {
        #expect(Reading([Array(text.utf8)[...]]).requests.map(\.head.authority) == [authority])
    }
}
