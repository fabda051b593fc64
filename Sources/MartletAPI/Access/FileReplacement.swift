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
            let folder = URL(filePath: path).deletingLastPathComponent()
            try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } else if !FileManager.default.fileExists(atPath: path) {
            throw .missing(path: path)
        }
        // Through symbolic links, so that the file they lead to is replaced and not the link.
        self.path = URL(filePath: path).resolvingSymlinksInPath().path
        lock = try Self.lock(self.path)
    }

    /// Writing the file takes milliseconds.
    private static let longestWait = Duration.seconds(10)

    private static func lock(_ path: String) throws(KeyFileError) -> Int32 {
        let lock = path + ".lock"
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
            takeOwner(ofFolderOf: path, file)
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
            keepAccess(to: file)
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
    private func keepAccess(to file: Int32) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return Self.takeOwner(ofFolderOf: path, file) }
        let isKept = fchown(file, status.st_uid, status.st_gid) == 0
        // Nor those of another group than it was.
        _ = fchmod(file, status.st_mode & (isKept ? 0o640 : 0o600))
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
