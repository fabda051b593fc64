import HTTPTypes

/// `method SP request-target SP HTTP-version` (RFC 9112 section 3).
struct RequestLine {
    enum Version: Equatable {
        case http10
        case http11
    }

    let method: HTTPRequest.Method
    /// Path and query, in origin form; `*` for `OPTIONS *`.
    let path: String
    let version: Version
    private let authorityOfTarget: String?

    init(_ line: ArraySlice<UInt8>) throws(ProtocolError) {
        let parts = line.split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw .badRequest(
                .malformedRequestLine, "expected 'METHOD target HTTP/1.1' in the request line, with single spaces")
        }
        guard !parts[0].isEmpty, parts[0].allSatisfy(\.isTokenByte),
            let method = HTTPRequest.Method(rawValue: String(decoding: parts[0], as: UTF8.self))
        else { throw .badRequest(.malformedMethod, "the request's method is not a token") }
        version = try Self.version(parts[2])
        guard !parts[1].isEmpty, parts[1].allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw .badRequest(.malformedTarget, "the request's target must be visible ASCII characters")
        }
        let target = String(decoding: parts[1], as: UTF8.self)
        (authorityOfTarget, path) = try Self.split(target, method: method)
        self.method = method
    }

    /// RFC 9112 section 3.2: exactly one valid `Host`, which the target's own authority overrides.
    func authority(host hosts: [String]) throws(ProtocolError) -> String? {
        guard hosts.count <= 1 else {
            throw .badRequest(.repeatedHost, "expected one Host field, found \(hosts.count)")
        }
        guard let host = hosts.first else {
            guard version == .http10 else { throw .badRequest(.missingHost, "the Host field is missing") }
            return authorityOfTarget
        }
        guard host.utf8.allSatisfy(\.isAuthorityByte) else {
            throw .badRequest(.malformedHost, "the Host field is not a host and port")
        }
        return authorityOfTarget ?? host
    }

    private static func version(_ bytes: ArraySlice<UInt8>) throws(ProtocolError) -> Version {
        switch String(decoding: bytes, as: UTF8.self) {
        case "HTTP/1.1": return .http11
        case "HTTP/1.0": return .http10
        case let other:
            let digits = other.dropFirst(5).split(separator: ".", omittingEmptySubsequences: false)
            guard other.hasPrefix("HTTP/"), digits.count == 2,
                digits.allSatisfy({ $0.count == 1 && $0.first?.isASCII == true && $0.first?.isNumber == true })
            else { throw .badRequest(.malformedVersion, "expected HTTP/1.1 at the end of the request line") }
            if digits[0] == "1" { return .http11 }  // a later minor version speaks 1.1 too (RFC 9110 section 6.2)
            throw ProtocolError(
                .httpVersionNotSupported, .unsupportedVersion, "HTTP/1.1 and HTTP/1.0 are spoken here, found \(other)")
        }
    }

    /// Origin form, absolute form, or `*` (RFC 9112 section 3.2).
    private static func split(
        _ target: String, method: HTTPRequest.Method
    ) throws(ProtocolError) -> (authority: String?, path: String) {
        guard method != .connect else {
            throw ProtocolError(.notImplemented, .proxyRequest, "this server is not a proxy")
        }
        if target.hasPrefix("/") || (target == "*" && method == .options) { return (nil, target) }
        for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            let authority = String(rest[..<end])
            guard !authority.isEmpty, authority.utf8.allSatisfy(\.isAuthorityByte) else { break }
            let path = String(rest[end...])
            return (authority, path.hasPrefix("/") ? path : "/" + path)
        }
        throw .badRequest(.malformedTarget, "the request's target must begin with '/'")
    }
}

extension UInt8 {
    /// What a host, an address in brackets and a port are made of (RFC 3986 section 3.2, without user information).
    fileprivate var isAuthorityByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~%!$&'()*+,;=:[]".utf8.contains(self)
        }
    }
}
