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
    /// Whether another process may accept from the same socket: who waits there is not lost when this one closes it.
    let isShared: Bool
    private let file: UnixSocketFile?
    private let sharing: PortSharing?

    convenience init(_ listener: Listener) throws(SocketError) {
        switch listener.endpoint {
        case .tcp(let host, let port):
            let addresses = try ListeningAddress.resolve(host: host, port: port)
            try self.init(addresses, host: host, port: port, reusesPort: listener.reusesPort)
        case .unix(let path): try self.init(path: path, replaces: listener.reusesPort)
        case .inherited(let descriptor): try self.init(inherited: descriptor)
        }
    }

    /// Listens on the first of a host's addresses that this machine lets it.
    ///
    /// - Throws: the first address's error. One that is in use ends the search: two servers started alike must not
    ///   share a port by listening on different addresses of one name.
    init(_ addresses: [ListeningAddress], host: String, port: Int, reusesPort: Bool = false) throws(SocketError) {
        var failure: SocketError?
        for address in addresses {
            do throws(SocketError) {
                (descriptor, self.address) = try Self.listen(
                    on: address, host: host, port: port, reusesPort: reusesPort)
                (isShared, file) = (false, nil)
                sharing = reusesPort ? PortSharing(descriptor, family: address.family) : nil
                return
            } catch {
                if case .addressInUse = error { throw error }
                failure = failure ?? error
            }
        }
        throw failure ?? .unknownHost(host, reason: "it has no address")
    }

    private init(path: String, replaces: Bool) throws(SocketError) {
        let descriptor = Self.open(AF_UNIX)
        guard descriptor >= 0 else { throw SocketError("socket", errno, path: path) }
        do throws(SocketError) {
            file = try UnixSocketFile(path: path, replaces: replaces, descriptor, backlog: Self.backlog)
        } catch {
            close(descriptor)
            throw error
        }
        (self.descriptor, address, isShared, sharing) = (descriptor, .unix(path: path), false, nil)
    }

    /// Takes over a socket that another process opened, once it is known to be what clients connect to.
    private init(inherited descriptor: Int32) throws(SocketError) {
        guard let kind = Self.option(SO_TYPE, of: descriptor),
            let accepts = Self.option(SO_ACCEPTCONN, of: descriptor)
        else { throw .notInherited(descriptor: descriptor, reason: SocketError.reason(errno)) }
        guard kind == Int32(SOCK_STREAM.rawValue), accepts != 0,
            let address = unsafe SocketAddress({ unsafe getsockname(descriptor, $0, $1) })
        else { throw .notInherited(descriptor: descriptor, reason: "it is a socket, but no stream that listens") }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        else { throw .notInherited(descriptor: descriptor, reason: SocketError.reason(errno)) }
        Self.disableDelay(descriptor)
        (self.descriptor, self.address, isShared, file, sharing) = (descriptor, address, true, nil, nil)
    }

    private static func listen(
        on address: ListeningAddress, host: String, port: Int, reusesPort: Bool
    ) throws(SocketError) -> (Int32, SocketAddress) {
        let descriptor = open(address.family)
        guard descriptor >= 0 else { throw SocketError("socket", errno, host: host, port: port) }
        set(SOL_SOCKET, SO_REUSEADDR, on: descriptor)
        if reusesPort { set(SOL_SOCKET, SO_REUSEPORT, on: descriptor) }
        disableDelay(descriptor)
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

    /// Has clients find the Unix socket that waits beside another's file. Called before they are accepted.
    func publishFile() throws(SocketError) { try file?.publish() }

    /// Has new clients come here who so far went to another socket of the same port. Called when they are answered.
    func takeClients() { sharing?.take() }

    /// Has new clients go to another socket of the same port. Called before this one is closed.
    ///
    /// - Returns: whether there is one that gets them.
    func divertsClients() -> Bool { sharing?.leave() ?? false }

    /// Takes the file of a Unix socket away. Called before the last clients are accepted and the socket is closed.
    func removeFile() { file?.remove() }

    deinit {
        removeFile()
        close(descriptor)
    }

    /// Whether somebody waits to be accepted.
    var hasClients: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }

    /// A waiting connection, non-blocking.
    func accept() -> Accepted {
        while true {
            var (connection, failure): (Int32, Int32) = (-1, 0)
            // Glibc's module does not export accept4; the flags are set one by one.
            let address = unsafe SocketAddress { address, length in
                connection = unsafe Foundation.accept(descriptor, address, length)
                if connection < 0 { failure = errno }
                return connection
            }
            if connection >= 0 {
                _ = fcntl(connection, F_SETFL, O_NONBLOCK)
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                return .connection(connection, address)
            }
            switch failure {
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            // The client that was first has left again; others may wait behind it.
            case EINTR, ECONNABORTED, EPROTO: continue
            default: return .none
            }
        }
    }

    private static func open(_ family: Int32) -> Int32 {
        socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    /// Without Nagle's delay, as the connections accepted from it then are too. No matter for a Unix socket, which has
    /// none.
    private static func disableDelay(_ descriptor: Int32) { set(Int32(IPPROTO_TCP), TCP_NODELAY, on: descriptor) }

    private static func set(_ level: Int32, _ option: Int32, on descriptor: Int32) {
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, level, option, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var (value, length): (Int32, socklen_t) = (0, socklen_t(MemoryLayout<Int32>.size))
        return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }
}
