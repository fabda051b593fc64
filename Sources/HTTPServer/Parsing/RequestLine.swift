import HTTPTypes

/// `method SP request-target SP HTTP-version` (RFC 9112 section 3).
struct RequestLine {
    enum Version: Equatable {
        case http10
        case http11
    }

    let method: HTTPRequest.Method
    let target: RequestTarget
    let version: Version

    init(_ line: ArraySlice<UInt8>, isSecure: Bool) throws(ProtocolError) {
        let parts = line.split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw .badRequest(
                .malformedRequestLine, "expected 'METHOD target HTTP/1.1' in the request line, with single spaces")
        }
        guard !parts[0].isEmpty, parts[0].allSatisfy(\.isTokenByte),
            let method = HTTPRequest.Method(rawValue: String(decoding: parts[0], as: UTF8.self))
        else { throw .badRequest(.malformedMethod, "the request's method is not a token") }
        version = try Self.version(parts[2])
        target = try RequestTarget(parts[1], method: method, isSecure: isSecure)
        self.method = method
    }

    /// RFC 9112 section 3.2: exactly one valid `Host`, which the target's own authority overrides.
    func authority(host hosts: [String]) throws(ProtocolError) -> String? {
        guard hosts.count <= 1 else {
            throw .badRequest(.repeatedHost, "expected one Host field, found \(hosts.count)")
        }
        guard let host = hosts.first else {
            guard version == .http10 else { throw .badRequest(.missingHost, "the Host field is missing") }
            return target.authority
        }
        // An empty one says that the target has no authority.
        guard host.isEmpty || Authority.isValid(Array(host.utf8)[...]) else {
            throw .badRequest(.malformedHost, "the Host field is not a host and port")
        }
        return target.authority ?? host
    }

    private static func version(_ bytes: ArraySlice<UInt8>) throws(ProtocolError) -> Version {
        switch String(decoding: bytes, as: UTF8.self) {
        case "HTTP/1.1": return .http11
        case "HTTP/1.0": return .http10
        case let other:
            let digits = other.dropFirst(5).split(separator: ".", omittingEmptySubsequences: false)
            guard other.hasPrefix("HTTP/"), digits.count == 2,
                digits.allSatisfy({ $0.utf8.count == 1 && $0.utf8.allSatisfy(\.isDigit) })
            else { throw .badRequest(.malformedVersion, "expected HTTP/1.1 at the end of the request line") }
            if digits[0] == "1" { return .http11 }  // a later minor version speaks 1.1 too (RFC 9110 section 6.2)
            throw ProtocolError(
                .httpVersionNotSupported, .unsupportedVersion, "HTTP/1.1 and HTTP/1.0 are spoken here, found \(other)")
        }
    }
}
