import Foundation

/// Replaces a file whole: after a crash there is the old one or the new one. One process at a time does it.
struct FileReplacement {
    private let path: String
    /// On a file of its own: that of the path itself is another one after each replacement.
    private let lock: Int32

    /// Waits until nobody else replaces the file, but not for ever.
    ///
    /// - Parameter creates: whether its folder is made where it is missing.
    init(path: String, creates: Bool) throws(KeyFileError) {
        if creates {
            Self.makeFolder(URL(filePath: path).standardizedFileURL.deletingLastPathComponent())
        } else if unsafe access(path, F_OK) != 0 {
            throw KeyFileError(reading: path, errno)
        }
        // Through symbolic links, so that the file they lead to is replaced and not the link.
        self.path = URL(filePath: path).resolvingSymlinksInPath().path
        lock = try Self.lock(self.path)
    }

    /// Makes a folder that is missing, and those it lies in. A failure is one to lock what lies there.
    private static func makeFolder(_ folder: URL) {
        guard !FileManager.default.fileExists(atPath: folder.path) else { return }
        makeFolder(folder.deletingLastPathComponent())
        guard unsafe mkdir(folder.path, 0o777) == 0 else { return }
        // Not what somebody has put in its place.
        let new = unsafe open(folder.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard new >= 0 else { return }
        takeOwner(ofFolderOf: folder.path, new)
        close(new)
    }

    /// Writing the file takes milliseconds.
    private static let longestWait = Duration.seconds(10)
    private static let lockSuffix = ".lock"

    private static func lock(_ path: String) throws(KeyFileError) -> Int32 {
        let lock = path + lockSuffix
        let file = try openLock(lock)
        let end = ContinuousClock.now + longestWait
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            guard number == EINTR || number == EWOULDBLOCK, .now < end else {
                close(file)
                let isHeld = number == EWOULDBLOCK
                throw .notLocked(
                    path: lock, reason: isHeld ? "another process holds it" : KeyFileError.words(number))
            }
            usleep(10_000)
        }
        return file
    }

    /// Not through a link that somebody has put there.
    private static func openLock(_ path: String) throws(KeyFileError) -> Int32 {
        var file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if file >= 0 {
            shareLock(file, ofFile: String(path.dropLast(lockSuffix.utf8.count)))
        } else if errno == EEXIST {
            file = unsafe open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        }
        guard file >= 0 else { throw .notLocked(path: path, reason: KeyFileError.words(errno)) }
        return file
    }

    /// Lets others replace the file.
    func end() { close(lock) }

    func replace(with data: Data) throws(KeyFileError) {
        let new = path + ".new"
        unsafe unlink(new)  // of one who was killed
        // O_EXCL: not through a link that somebody has put there.
        let file = unsafe open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure(path) }
        do throws(KeyFileError) {
            defer { close(file) }
            try keepAccess(to: file)
            var rest = data[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
                guard count > 0 else { throw Self.failure(path) }
                rest = rest.dropFirst(count)
            }
            guard fsync(file) == 0, unsafe rename(new, path) == 0 else { throw Self.failure(path) }
        } catch {
            unsafe unlink(new)
            throw error
        }
        syncFolder()
    }

    /// A server that runs as another user, or reads the file by its group, goes on reading it. Others than these read no keys.
    ///
    /// - Throws: where the file's owner could not read the new one, which only root can give away.
    private func keepAccess(to file: Int32) throws(KeyFileError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return Self.takeOwner(ofFolderOf: path, file) }
        let keepsOwner = fchown(file, status.st_uid, status.st_gid) == 0
        // Who changes a file of their group's is not always its owner.
        let keepsGroup = keepsOwner || fchown(file, uid_t.max, status.st_gid) == 0
        let mode = status.st_mode & (keepsGroup ? 0o640 : 0o600)
        let ownerReads = mode & 0o040 != 0 && Self.mayBeMember(status.st_uid, of: status.st_gid)
        guard keepsOwner || ownerReads || status.st_uid == geteuid() else {
            throw .unwritable(
                path: path, reason: "its owner could not read it any more; do this as user \(status.st_uid), or as root"
            )
        }
        // Nor those of another group than it was.
        _ = fchmod(file, mode)
    }

    /// Of a user without an entry in the system's list, as in a container, the groups are not known either.
    private static func mayBeMember(_ user: uid_t, of group: gid_t) -> Bool {
        guard let entry = unsafe getpwuid(user) else { return true }
        var (groups, count) = ([gid_t](repeating: 0, count: 4096), Int32(4096))
        let isListed = unsafe getgrouplist(entry.pointee.pw_name, entry.pointee.pw_gid, &groups, &count) >= 0
        return !isListed || groups.prefix(Int(count)).contains(group)
    }

    /// Who may read the keys by their group may change them where their folder lets them, which takes the lock.
    private static func shareLock(_ lock: Int32, ofFile path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return takeOwner(ofFolderOf: path, lock) }
        let keepsGroup =
            fchown(lock, status.st_uid, status.st_gid) == 0 || fchown(lock, uid_t.max, status.st_gid) == 0
        if keepsGroup, status.st_mode & 0o040 != 0 { _ = fchmod(lock, 0o660) }
    }

    /// What root makes in the folder of a server's user is that user's.
    private static func takeOwner(ofFolderOf path: String, _ file: Int32) {
        var status = stat()
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard geteuid() == 0, unsafe stat(folder, &status) == 0 else { return }
        _ = fchown(file, status.st_uid, status.st_gid)
    }

    /// Else the new name may be lost with the power.
    private func syncFolder() {
        let folder = unsafe open(
            URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func failure(_ path: String) -> KeyFileError {
        .unwritable(path: path, reason: KeyFileError.words(errno))
    }
}
