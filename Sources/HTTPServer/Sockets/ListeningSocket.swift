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

    private static let backlog: Int32 = 4096

    let descriptor: Int32
    let address: SocketAddress

    /// Listens on the first of the host's addresses that this machine lets it.
    convenience init(host: String, port: Int) throws(SocketError) {
        try self.init(try ListeningAddress.resolve(host: host, port: port), host: host, port: port)
    }

    /// - Throws: the first address's error. One that is in use ends the search: two servers started alike must not
    ///   share a port by listening on different addresses of one name.
    init(_ addresses: [ListeningAddress], host: String, port: Int) throws(SocketError) {
        var failure: SocketError?
        for address in addresses {
            do throws(SocketError) {
                (descriptor, self.address) = try Self.listen(on: address, host: host, port: port)
                return
            } catch {
                if case .addressInUse = error { throw error }
                failure = failure ?? error
            }
        }
        throw failure ?? .unknownHost(host, reason: "it has no address")
    }

    private static func listen(
        on address: ListeningAddress, host: String, port: Int
    ) throws(SocketError) -> (Int32, SocketAddress) {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw SocketError("socket", errno, host: host, port: port) }
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard address.bind(descriptor) else {
            let error = SocketError("bind", errno, host: host, port: port)
            close(descriptor)
            throw error
        }
        guard Foundation.listen(descriptor, backlog) == 0,
            let bound = unsafe SocketAddress({ unsafe getsockname(descriptor, $0, $1) })
        else {
            let error = SocketError("listen", errno, host: host, port: port)
            close(descriptor)
            throw error
        }
        return (descriptor, bound)
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
