import Foundation

/// Where a socket is: `127.0.0.1:8080`, `[::1]:8080` or `unix:/path`.
public enum SocketAddress: Sendable, Equatable, CustomStringConvertible {
    /// The host is numeric.
    case internet(host: String, port: Int)
    /// The path is empty for one without a file, as clients' are.
    case unix(path: String)

    /// Numeric; `unix` for a Unix socket.
    public var host: String {
        switch self {
        case .internet(let host, _): host
        case .unix: "unix"
        }
    }

    public var port: Int? {
        switch self {
        case .internet(_, let port): port
        case .unix: nil
        }
    }

    public var description: String {
        switch self {
        case .internet(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// What `call` (getsockname, accept) writes into the memory it is given.
    init?(_ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call($0, &length) }
        }
        guard status >= 0 else { return nil }
        if Int32(storage.ss_family) == AF_UNIX {
            let offset = MemoryLayout<sa_family_t>.size
            let path = unsafe withUnsafeBytes(of: storage) { unsafe Array($0[..<min($0.count, Int(length))]) }
                .dropFirst(offset).prefix { $0 != 0 }
            self = .unix(path: String(decoding: path, as: UTF8.self))
        } else {
            guard let (host, port) = Self.numeric(&storage, length) else { return nil }
            self = .internet(host: host, port: port)
        }
    }

    private static func numeric(_ storage: inout sockaddr_storage, _ length: socklen_t) -> (String, Int)? {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe getnameinfo(
                    address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
                    NI_NUMERICHOST | NI_NUMERICSERV)
            }
        }
        guard status == 0, let port = Int(string(service)) else { return nil }
        return (string(host), port)
    }

    private static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
