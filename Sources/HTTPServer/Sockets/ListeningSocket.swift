import Foundation

/// A non-blocking socket that clients connect to. Closes with its last owner.
final class ListeningSocket: Sendable {
    /// What became of an attempt to accept.
    enum Accepted {
        case connection(Int32, SocketAddress?)
        /// Nobody waits.
        case none
        /// The process or the system has no descriptor left; try again later.
        case exhausted
    }

    let descriptor: Int32
    let address: SocketAddress

    /// Listens on the first address that `host` stands for.
    init(host: String, port: Int, backlog: Int32 = 4096) throws(SocketError) {
        // getaddrinfo would cut the number to 16 bits.
        guard (0...65_535).contains(port) else {
            throw .failed(call: "bind", host: host, port: port, reason: "ports are from 0 to 65535")
        }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var results: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &results)
        guard status == 0, let first = unsafe results else {
            throw .unknownHost(host, reason: unsafe String(cString: gai_strerror(status)))
        }
        defer { unsafe freeaddrinfo(first) }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = unsafe socket(first.pointee.ai_family, kind, 0)
        guard descriptor >= 0 else { throw SocketError("socket", errno, host: host, port: port) }
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard unsafe bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            let error = SocketError("bind", errno, host: host, port: port)
            close(descriptor)
            throw error
        }
        guard listen(descriptor, backlog) == 0,
            let address = unsafe SocketAddress({ unsafe getsockname(descriptor, $0, $1) })
        else {
            let error = SocketError("listen", errno, host: host, port: port)
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.address = address
    }

    deinit { close(descriptor) }

    /// A waiting connection, non-blocking and without Nagle's delay.
    func accept() -> Accepted {
        var (connection, failure): (Int32, Int32) = (-1, 0)
        // Glibc's module does not export accept4; the flags are set one by one.
        let address = unsafe SocketAddress { address, length in
            connection = unsafe Foundation.accept(descriptor, address, length)
            if connection < 0 { failure = errno }
            return connection
        }
        guard connection >= 0 else {
            return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(failure) ? .exhausted : .none
        }
        _ = fcntl(connection, F_SETFL, O_NONBLOCK)
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        var one: Int32 = 1
        _ = unsafe setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        return .connection(connection, address)
    }
}
