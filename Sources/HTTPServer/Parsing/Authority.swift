import Foundation

/// `uri-host [ ":" port ]`, as the `Host` field and the absolute form have it (RFC 9110 section 7.2, RFC 3986 section 3.2).
/// User information is no part of it.
enum Authority {
    static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = bytes[bytes.startIndex + 1..<end]
            return (isIPv6(address) || isFutureAddress(address)) && isPort(bytes[(end + 1)...])
        }
        let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        return isName(bytes[..<end]) && isPort(bytes[end...])
    }

    /// Nothing, or a colon and a port of TCP; RFC 3986 section 3.2.3 allows the colon alone.
    private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let colon = bytes.first else { return true }
        let digits = bytes.dropFirst()
        guard colon == UInt8(ascii: ":"), digits.allSatisfy(\.isDigit) else { return false }
        return digits.isEmpty || UInt16(String(decoding: digits, as: UTF8.self)) != nil
    }

    /// `reg-name`, which covers IPv4 addresses; RFC 9110 section 4.2.1 has it not empty.
    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.popFirst()?.hexadecimalDigit != nil, rest.popFirst()?.hexadecimalDigit != nil else {
                    return false
                }
            } else if !byte.isUnreserved, !byte.isSubDelimiter {
                return false
            }
        }
        return !bytes.isEmpty
    }

    private static func isIPv6(_ bytes: ArraySlice<UInt8>) -> Bool {
        let isAllowed = { (byte: UInt8) in
            byte.hexadecimalDigit != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
        }
        guard bytes.allSatisfy(isAllowed) else { return false }
        var address = in6_addr()
        return unsafe inet_pton(AF_INET6, String(decoding: bytes, as: UTF8.self), &address) == 1
    }

    /// `IPvFuture`: `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`.
    private static func isFutureAddress(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count > 1, !parts[1].isEmpty else { return false }
        return (parts[0].first ?? 0) | 32 == UInt8(ascii: "v")
            && parts[0].dropFirst().allSatisfy { $0.hexadecimalDigit != nil }
            && parts[1].allSatisfy { $0.isUnreserved || $0.isSubDelimiter || $0 == UInt8(ascii: ":") }
    }
}

extension UInt8 {
    /// RFC 3986 section 2.3.
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: isDigit || "-._~".utf8.contains(self)
        }
    }

    /// RFC 3986 section 2.2.
    fileprivate var isSubDelimiter: Bool { "!$&'()*+,;=".utf8.contains(self) }
}
