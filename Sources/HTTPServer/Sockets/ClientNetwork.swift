import Foundation

/// Whom connections are counted together for: an IPv4 address, or an IPv6 network of 64 bits, which is the least that a
/// customer gets (RFC 6177), who could use any of its addresses.
struct ClientNetwork: Hashable, Sendable {
    private let prefix: UInt64
    private let isIPv4: Bool

    /// `nil` for what is not counted: Unix sockets, and this machine, where a proxy may be.
    init?(_ address: SocketAddress) {
        guard case .internet(let host, _) = address else { return nil }
        var (four, six) = (in_addr(), in6_addr())
        if unsafe inet_pton(AF_INET, host, &four) == 1 {
            guard let prefix = unsafe Self.ipv4(withUnsafeBytes(of: four) { unsafe Array($0) }) else { return nil }
            (self.prefix, isIPv4) = (prefix, true)
        } else if unsafe inet_pton(AF_INET6, String(host.prefix { $0 != "%" }), &six) == 1 {
            let bytes = unsafe withUnsafeBytes(of: six) { unsafe Array($0) }
            // ::ffff:a.b.c.d, a client of IPv4 at a socket of IPv6.
            isIPv4 = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10...11] == [255, 255]
            let isLoopback = bytes == Array(repeating: 0, count: 15) + [1]
            let own = isIPv4 ? Self.ipv4(Array(bytes[12...])) : isLoopback ? nil : Self.number(bytes[..<8])
            guard let own else { return nil }
            prefix = own
        } else {
            return nil
        }
    }

    private static func ipv4(_ bytes: [UInt8]) -> UInt64? { bytes[0] == 127 ? nil : number(bytes[...]) }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
