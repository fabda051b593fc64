import Foundation

/// What tells clients apart by their address: all of an IPv4 address, and of an IPv6 address the first 64 bits, for a client
/// has all addresses that begin with its 64 (RFC 6177).
struct AddressPrefix: Hashable, CustomStringConvertible {
    let description: String

    /// - Parameter address: numeric, as the server gives it; what is none, such as the peer of a Unix socket, is taken as it is.
    init(_ address: String) {
        var (v4, v6) = (in_addr(), in6_addr())
        // Without the zone of a link-local address (RFC 4007).
        let plain = String(address.prefix { $0 != "%" })
        if unsafe inet_pton(AF_INET, plain, &v4) == 1 {
            self.init(v4: unsafe withUnsafeBytes(of: &v4) { unsafe Array($0) })
        } else if unsafe inet_pton(AF_INET6, plain, &v6) == 1 {
            let bytes = unsafe withUnsafeBytes(of: &v6) { unsafe Array($0) }
            if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) {
                // An IPv4 client of a socket that takes both (RFC 4291 section 2.5.5.2).
                self.init(v4: Array(bytes[12...]))
            } else {
                self.init(v6: bytes)
            }
        } else {
            self.init(description: address)
        }
    }

    /// Whether `host` is an address and no name.
    static func isNumeric(_ host: String) -> Bool {
        var (v4, v6) = (in_addr(), in6_addr())
        return unsafe inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1
    }

    private init(v4 bytes: [UInt8]) {
        self.init(description: bytes.map { "\($0)" }.joined(separator: "."))
    }

    private init(v6 bytes: [UInt8]) {
        let groups = stride(from: 0, to: 8, by: 2).map { index in
            String(Int(bytes[index]) << 8 | Int(bytes[index + 1]), radix: 16)
        }
        self.init(description: groups.joined(separator: ":") + "::/64")
    }

    private init(description: String) { self.description = description }
}
