/// Whom connections are counted together for: an IPv4 address, or an IPv6 network of 64 bits, which is the least that a
/// customer gets (RFC 6177), who could use any of its addresses.
struct ClientNetwork: Hashable, Sendable {
    private let prefix: UInt64
    private let isIPv4: Bool

    /// `nil` for a Unix socket.
    init?(_ address: SocketAddress) {
        guard let bytes = address.bytes else { return nil }
        isIPv4 = bytes.count == 4
        prefix = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
