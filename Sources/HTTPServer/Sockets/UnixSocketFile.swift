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
    /// Held while the files are looked at and changed.
    private let lock: FolderLock
    private let isRemoved = Atomic(false)

    private static func next(_ path: String) -> String { path + ".next" }

    /// Where the sockets of servers that follow one another at `path` are.
    static func paths(of path: String) -> [String] {
        let path = URL(filePath: path).standardizedFileURL.path
        return [path, next(path)]
    }

    /// Has the socket listen at `path`. Whom the file lets connect does not depend on the process's umask: its owner and
    /// group.
    ///
    /// - Parameter replaces: whether it takes the place of a socket that another process listens on, by ``publish()``.
    init(path: String, replaces: Bool, _ descriptor: Int32, backlog: Int32) throws(SocketError) {
        (self.path, nextPath) = (path, Self.next(path))
        lock = FolderLock(URL(filePath: path).deletingLastPathComponent().path)
        // Another would take a socket that is bound, and does not listen yet, for abandoned.
        (isNext, identity) = try lock.locked { () throws(SocketError) in
            let isNext = try Self.bind(descriptor, to: path, orReplaces: replaces)
            let place = isNext ? Self.next(path) : path
            guard let identity = Self.identity(place) else { throw SocketError("lstat", errno, path: place) }
            do throws(SocketError) {
                guard unsafe chmod(place, 0o660) == 0 else { throw SocketError("chmod", errno, path: place) }
                guard listen(descriptor, backlog) == 0 else { throw SocketError("listen", errno, path: place) }
                return (isNext, identity)
            } catch {
                if Self.identity(place) == identity { _ = unsafe unlink(place) }
                throw error
            }
        }
    }

    /// - Returns: whether at the path beside it.
    private static func bind(_ descriptor: Int32, to path: String, orReplaces: Bool) throws(SocketError) -> Bool {
        // Of the socket, before there is a file: at no moment may others connect.
        guard fchmod(descriptor, 0o660) == 0 else { throw SocketError("fchmod", errno, path: path) }
        do throws(SocketError) {
            try bind(descriptor, to: path)
            return false
        } catch {
            guard orReplaces, case .pathInUse = error else { throw error }
            try bind(descriptor, to: next(path))
            return true
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
        guard isNext else { return }
        try lock.locked { () throws(SocketError) in
            guard Self.identity(path) != identity else { return }
            guard Self.identity(nextPath) == identity else { throw SocketError("rename", ENOENT, path: path) }
            guard unsafe rename(nextPath, path) == 0 else { throw SocketError("rename", errno, path: path) }
        }
    }

    deinit { remove() }

    /// Has nobody find the socket any more, who could then not be answered, but the next server's if there is one. What waits
    /// there already can be accepted still.
    func remove() {
        // Once: the file that another process makes next may have the same number.
        guard !isRemoved.exchange(true, ordering: .relaxed) else { return }
        lock.locked {
            if Self.identity(nextPath) == identity, unsafe unlink(nextPath) == 0 { return }
            guard Self.identity(path) == identity else { return }
            if Self.identity(nextPath) != nil, unsafe rename(nextPath, path) == 0 { return }
            _ = unsafe unlink(path)
        }
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
        // Without the lock, another may have replaced it meanwhile.
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
