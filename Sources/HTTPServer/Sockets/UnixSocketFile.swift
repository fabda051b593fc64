import Foundation
import Synchronization

/// The file of a listening Unix socket. Removed with its last owner at the latest, unless another process has put its own
/// there.
final class UnixSocketFile: Sendable {
    /// `sockaddr_un.sun_path`, without the NUL at its end.
    static let maximumPathBytes = 107

    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t
    }

    private let path: String
    /// Where it is made: beside `path` where it takes the place of another's.
    private let birthplace: String
    private let identity: Identity
    private let isRemoved = Atomic(false)

    /// Binds the socket to `path`. Whom the file lets connect does not depend on the process's umask: its owner and
    /// group.
    ///
    /// - Parameter replaces: whether it takes the place of a socket that another process listens on, by ``publish()``.
    init(path publicPath: String, replaces: Bool, bind descriptor: Int32) throws(SocketError) {
        let isBeside = replaces && Self.identity(publicPath) != nil
        let path = isBeside ? "\(publicPath).\(UInt16.random(in: 0 ... .max))" : publicPath
        (self.path, birthplace) = (publicPath, path)
        guard (1...Self.maximumPathBytes).contains(path.utf8.count), !path.utf8.contains(0) else {
            throw .pathTooLong(path, maximum: Self.maximumPathBytes)
        }
        let address = ListeningAddress(unixPath: path)
        // Of the socket, before there is a file: at no moment may others connect.
        guard fchmod(descriptor, 0o660) == 0 else { throw SocketError("fchmod", errno, path: path) }
        if !address.bind(descriptor) {
            guard errno == EADDRINUSE else { throw SocketError("bind", errno, path: path) }
            try Self.removeIfAbandoned(path, address)
            guard address.bind(descriptor) else { throw SocketError("bind", errno, path: path) }
        }
        guard let identity = Self.identity(path) else { throw SocketError("lstat", errno, path: path) }
        self.identity = identity
        guard unsafe chmod(path, 0o660) == 0 else {
            let error = SocketError("chmod", errno, path: path)
            _ = unsafe unlink(path)
            throw error
        }
    }

    /// Takes the other's place. Called when the socket listens: at no moment is a client refused.
    func publish() throws(SocketError) {
        guard birthplace != path else { return }
        guard unsafe rename(birthplace, path) == 0 else { throw SocketError("rename", errno, path: path) }
    }

    deinit { remove() }

    /// Has nobody find the socket any more, who could then not be answered. What waits there already can be accepted still.
    func remove() {
        // Once: the file that another process makes next may have the same number.
        guard !isRemoved.exchange(true, ordering: .relaxed) else { return }
        for place in [path, birthplace] where Self.identity(place) == identity { _ = unsafe unlink(place) }
    }

    /// Removes the file of a socket that nobody listens on.
    private static func removeIfAbandoned(_ path: String, _ address: ListeningAddress) throws(SocketError) {
        guard let found = identity(path) else { throw .notASocket(path: path) }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let probe = socket(AF_UNIX, kind, 0)
        guard probe >= 0 else { throw SocketError("socket", errno, path: path) }
        defer { close(probe) }
        // A full backlog is EAGAIN: somebody listens there too.
        guard !address.connect(probe), errno == ECONNREFUSED else { throw .pathInUse(path) }
        // Another server may have replaced it meanwhile.
        guard identity(path) == found else { throw .pathInUse(path) }
        guard unsafe unlink(path) == 0 else { throw SocketError("unlink", errno, path: path) }
    }

    /// `nil` where there is no socket.
    private static func identity(_ path: String) -> Identity? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        return Identity(device: status.st_dev, inode: status.st_ino)
    }
}
