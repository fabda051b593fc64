import HTTPTypes

/// What a request is aimed at (RFC 9112 section 3.2).
struct RequestTarget: Equatable {
    /// Host and port of the absolute form; `nil` where the target names none.
    let authority: String?
    /// Path and query in origin form, without dot segments; `*` for the server as a whole.
    let path: String

    /// - Parameter isSecure: whether the connection is encrypted, as the scheme `https` asks for.
    init(_ bytes: ArraySlice<UInt8>, method: HTTPRequest.Method, isSecure: Bool) throws(ProtocolError) {
        // Only proxies take the authority form, whatever stands in it (RFC 9110 section 9.3.6).
        guard method != .connect else {
            throw ProtocolError(.notImplemented, .proxyRequest, "this server is not a proxy")
        }
        if bytes.elementsEqual("*".utf8), method == .options {
            (authority, path) = (nil, "*")
        } else if bytes.first == UInt8(ascii: "/") {
            (authority, path) = (nil, try Self.normalized(bytes))
        } else {
            let (authority, rest) = try Self.absoluteForm(bytes, isSecure: isSecure)
            self.authority = authority
            // RFC 9110 section 4.2.3: an empty path is "/", except that it asks OPTIONS of the whole server.
            path =
                switch rest.first {
                case nil where method == .options: "*"
                case UInt8(ascii: "/"): try Self.normalized(rest)
                default: try Self.normalized([UInt8(ascii: "/")] + rest)
                }
        }
    }

    /// `http://host[:port]` and what follows.
    private static func absoluteForm(
        _ bytes: ArraySlice<UInt8>, isSecure: Bool
    ) throws(ProtocolError) -> (authority: String, rest: ArraySlice<UInt8>) {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
            throw .badRequest(.malformedTarget, "the request's target must begin with '/'")
        }
        let scheme = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
        switch scheme {
        case "http": break
        case "https":
            // RFC 9110 section 7.4: an https resource must be rejected where the connection is not secured.
            guard isSecure else {
                throw ProtocolError(
                    .misdirectedRequest, .misdirected, "a resource of https is not served on a plain connection")
            }
        default: throw .badRequest(.malformedTarget, "the scheme of the request's target must be http or https")
        }
        let rest = bytes[(colon + 3)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let authority = rest[..<end]
        // RFC 9110 sections 4.2.1 and 4.2.4: neither an empty host nor user information.
        guard !authority.isEmpty, Authority.isValid(authority) else {
            throw .badRequest(.malformedTarget, "the authority of the request's target is not a host and port")
        }
        return (String(decoding: authority, as: UTF8.self), rest[end...])
    }

    /// A path and its query, checked (RFC 3986 sections 3.3 and 3.4), the path without `.` and `..`.
    private static func normalized(_ bytes: ArraySlice<UInt8>) throws(ProtocolError) -> String {
        var (index, hasDots, isQuery) = (bytes.startIndex, false, false)
        while index < bytes.endIndex {
            let byte = bytes[index]
            isQuery = isQuery || byte == UInt8(ascii: "?")
            guard byte.isTargetByte || (isQuery && byte.isRawQueryByte) else {
                throw .badRequest(.malformedTarget, "the request's target has a character that must be percent-encoded")
            }
            if byte == UInt8(ascii: "%") {
                // RFC 3986 section 7.3: no component here means to have a NUL.
                guard let value = percentDecoded(bytes[index...]), value != 0 else {
                    throw .badRequest(
                        .malformedTarget, "the request's target has a '%' without two hexadecimal digits, or %00")
                }
                hasDots = hasDots || value == UInt8(ascii: ".")
            }
            hasDots = hasDots || byte == UInt8(ascii: ".")
            index += 1
        }
        guard hasDots else { return String(decoding: bytes, as: UTF8.self) }
        let end = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        return String(decoding: removingDotSegments(from: bytes[..<end]) + bytes[end...], as: UTF8.self)
    }

    /// RFC 3986 section 5.2.4, of a path that begins with `/`: `..` takes the segment before it away, and at the root
    /// nothing. Encoded dots count as dots (section 6.2.2.2), an encoded slash does not separate segments (section 2.2).
    private static func removingDotSegments(from path: ArraySlice<UInt8>) -> [UInt8] {
        let segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var kept: [ArraySlice<UInt8>] = []
        for (index, segment) in segments.enumerated() {
            switch dots(segment) {
            case 1, 2:
                if dots(segment) == 2 { _ = kept.popLast() }
                if index == segments.count - 1 { kept.append([]) }
            default: kept.append(segment)
            }
        }
        return kept.flatMap { [UInt8(ascii: "/")] + $0 }
    }

    /// How many dots a segment consists of; `nil` where there is anything else in it.
    private static func dots(_ segment: ArraySlice<UInt8>) -> Int? {
        var (rest, count) = (segment, 0)
        while let byte = rest.first {
            if byte == UInt8(ascii: ".") {
                rest = rest.dropFirst()
            } else if percentDecoded(rest) == UInt8(ascii: ".") {
                rest = rest.dropFirst(3)
            } else {
                return nil
            }
            count += 1
        }
        return count
    }

    /// What `%XX` at the start of `bytes` stands for.
    private static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> UInt8? {
        let digits = bytes.dropFirst().prefix(2)
        guard bytes.first == UInt8(ascii: "%"), digits.count == 2, let high = digits.first?.hexadecimalDigit,
            let low = digits.last?.hexadecimalDigit
        else { return nil }
        return high << 4 | low
    }
}

extension UInt8 {
    /// `pchar`, `/` and `?` (RFC 3986 section 3.3), the percent sign included.
    fileprivate var isTargetByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "@")...UInt8(ascii: "Z"),
            UInt8(ascii: "$")...UInt8(ascii: ";"):  // digits and $ % & ' ( ) * + , - . / : ;
            true
        default: "!=?_~".utf8.contains(self)
        }
    }

    /// What RFC 3986 would have encoded in a query, and browsers and curl send as it is (URL Standard section 1.3, "query
    /// percent-encode set"). In a query it separates nothing.
    fileprivate var isRawQueryByte: Bool { #"[]{}|\^`"#.utf8.contains(self) }
}
