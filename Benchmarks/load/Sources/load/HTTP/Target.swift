import FoundationEssentials
import Glibc

/// Where requests go: an address that accepts connections, and what their heads say.
struct Target: Sendable {
    /// A `sockaddr` of the address' family.
    let address: [UInt8]
    /// The Host field (RFC 9110, section 7.2).
    let authority: String
    /// Path and query (RFC 9112, section 3.2.1).
    let path: String

    /// Takes the first of the host's addresses that accepts a connection.
    init(_ text: String) throws(LoadError) {
        guard let url = URL(string: text), url.scheme == "http", let host = url.host(), !host.isEmpty else {
            throw LoadError("\(text): expected http://host[:port]/path")
        }
        let port = url.port ?? 80
        authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let path = url.path(percentEncoded: true)
        self.path = (path.isEmpty ? "/" : path) + (url.query(percentEncoded: true).map { "?\($0)" } ?? "")
        var refusals: [String] = []
        for address in try Self.addresses(host: host, port: port) {
            do throws(ConnectionLoss) {
                _ = try Socket(connectingTo: address)
                self.address = address
                return
            } catch {
                refusals.append(error.description)
            }
        }
        throw LoadError("\(authority): \(refusals.joined(separator: "; "))")
    }

    private static func addresses(host: String, port: Int) throws(LoadError) -> [[UInt8]] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw LoadError("\(host): \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(list) }
        return sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }.compactMap { entry in
            entry.map { Array(UnsafeRawBufferPointer(start: $0.pointee.ai_addr, count: Int($0.pointee.ai_addrlen))) }
        }
    }
}
