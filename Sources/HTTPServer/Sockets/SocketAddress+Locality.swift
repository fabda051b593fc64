import Foundation

extension SocketAddress {
    /// Whether only this machine reaches it: a loopback address, or a Unix socket.
    public var isLocal: Bool {
        guard case .internet = self else { return true }
        guard let bytes else { return false }
        return bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// Where who comes from this address is.
    ///
    /// - Parameter server: the server's end of the connection.
    func locality(from server: @autoclosure () -> SocketAddress?) -> Request.Locality {
        isLocal ? .loopback : server()?.host == host ? .ownAddress : .elsewhere
    }

    /// 4 bytes of IPv4, also where a socket of IPv6 has them (RFC 4291 section 2.5.5.2), or 16; without the zone of a
    /// link-local address (RFC 4007). `nil` for a Unix socket.
    var bytes: [UInt8]? {
        guard case .internet(let host, _) = self else { return nil }
        var (four, six) = (in_addr(), in6_addr())
        if unsafe inet_pton(AF_INET, host, &four) == 1 { return unsafe withUnsafeBytes(of: four) { unsafe Array($0) } }
        guard unsafe inet_pton(AF_INET6, String(host.prefix { $0 != "%" }), &six) == 1 else { return nil }
        let bytes = unsafe withUnsafeBytes(of: six) { unsafe Array($0) }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10...11] == [255, 255]
        return isMapped ? Array(bytes[12...]) : bytes
    }
}
