import Foundation

/// Replaces a file whole: after a crash there is the old one or the new one. One process at a time does it.
struct FileReplacement {
    private let path: String
    /// On a file of its own: that of the path itself is another one after each replacement.
    private let lock: Int32

    /// Waits until nobody else replaces the file.
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

    private static func lock(_ path: String) throws(KeyFileError) -> Int32 {
        let file = unsafe open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path) }
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else {
                defer { close(file) }
                throw failure(path)
            }
        }
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
            keepOwner(of: file)
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

    /// A server that runs as another user goes on reading the file where root has changed it.
    private func keepOwner(of file: Int32) {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_uid != geteuid() else { return }
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
