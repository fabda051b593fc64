import Foundation
import Synchronization

/// The file of a listening Unix socket. Removed with its last owner at the latest, unless another process has put its own
/// there.
///
/// A server that is to follow another waits beside it, at `path.next`: so the one is found until the other answers, or stays
/// where that fails. Whichever comes first puts the next one in the other's place: that it answers, or that the other stops,
/// so that there is always one to be found.
final class UnixSocketFile: Sendable {
    /// `sockaddr_un.sun_path`, without the NUL at its end.
    static let maximumPathBytes = 107

    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t
    }

    private let path: String
    /// Where the next server's waits.
    private let nextPath: String
    /// Made at `nextPath`.
    private let isNext: Bool
    private let identity: Identity
    private let isRemoved = Atomic(false)

    private static func next(_ path: String) -> String { path + ".next" }

    /// Where the sockets of servers that follow one another at `path` are.
    static func paths(of path: String) -> [String] {
        let path = URL(filePath: path).standardizedFileURL.path
        return [path, next(path)]
    }

    /// Binds the socket to `path`. Whom the file lets connect does not depend on the process's umask: its owner and
    /// group.
    ///
    /// - Parameter replaces: whether it takes the place of a socket that another process listens on, by ``publish()``.
    init(path: String, replaces: Bool, bind descriptor: Int32) throws(SocketError) {
        (self.path, nextPath) = (path, Self.next(path))
        // Of the socket, before there is a file: at no moment may others connect.
        guard fchmod(descriptor, 0o660) == 0 else { throw SocketError("fchmod", errno, path: path) }
        do throws(SocketError) {
            try Self.bind(descriptor, to: path)
            isNext = false
        } catch {
            guard replaces, case .pathInUse = error else { throw error }
            try Self.bind(descriptor, to: nextPath)
            isNext = true
        }
        let place = isNext ? nextPath : path
        guard let identity = Self.identity(place) else { throw SocketError("lstat", errno, path: place) }
        self.identity = identity
        guard unsafe chmod(place, 0o660) == 0 else {
            let error = SocketError("chmod", errno, path: place)
            _ = unsafe unlink(place)
            throw error
        }
    }

    /// - Throws: `pathInUse` where somebody listens there.
    private static func bind(_ descriptor: Int32, to path: String) throws(SocketError) {
        guard (1...maximumPathBytes).contains(path.utf8.count), !path.utf8.contains(0) else {
            throw .pathTooLong(path, maximum: maximumPathBytes)
        }
        let address = ListeningAddress(unixPath: path)
        guard !address.bind(descriptor) else { return }
        guard errno == EADDRINUSE else { throw SocketError("bind", errno, path: path) }
        try removeIfAbandoned(path, address)
        guard address.bind(descriptor) else { throw SocketError("bind", errno, path: path) }
    }

    /// Takes the other's place, if that has not made way already. Called when the socket's clients are answered.
    func publish() throws(SocketError) {
        guard isNext, Self.identity(path) != identity else { return }
        var number = ENOENT
        if Self.identity(nextPath) == identity {
            guard unsafe rename(nextPath, path) != 0 else { return }
            number = errno
        }
        // It may just have done so.
        guard Self.identity(path) == identity else { throw SocketError("rename", number, path: path) }
    }

    deinit { remove() }

    /// Has nobody find the socket any more, who could then not be answered, but the next server's if there is one. What waits
    /// there already can be accepted still.
    func remove() {
        // Once: the file that another process makes next may have the same number.
        guard !isRemoved.exchange(true, ordering: .relaxed) else { return }
        if Self.identity(nextPath) == identity, unsafe unlink(nextPath) == 0 { return }
        guard Self.identity(path) == identity else { return }
        if Self.identity(nextPath) != nil, unsafe rename(nextPath, path) == 0 { return }
        // The next one may just have taken the place.
        if Self.identity(path) == identity { _ = unsafe unlink(path) }
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
