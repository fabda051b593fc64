import Foundation
import Service

/// The claim of this process on a store's file, which ends with the process, however it ends.
///
/// It lies on a file of its own: SQLite's locks on the database are those of `fcntl`, which the process would lose as soon
/// as it closed any other descriptor of the same file (https://www.sqlite.org/howtocorrupt.html § 2.2).
///
/// `@unchecked Sendable`: the handle is only closed, which `FileHandle` allows once more.
final class StoreLock: @unchecked Sendable {
    private let file: FileHandle

    /// - Throws: ``StoreError/inUse(path:process:)``, ``StoreError/unreadable(path:reason:)``.
    init(for path: String) throws(StoreError) {
        let descriptor = Foundation.open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: path) }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw StoreError(errno: errno, path: path) }
            throw .inUse(path: path, process: Self.process(in: file))
        }
        // Only for the message of whoever comes next.
        try? file.truncate(atOffset: 0)
        try? file.write(contentsOf: Data("\(getpid())\n".utf8))
    }

    /// Lets others open the store.
    func release() { try? file.close() }

    private static func process(in file: FileHandle) -> Int32? {
        guard let data = try? file.read(upToCount: 16) else { return nil }
        return Int32(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
