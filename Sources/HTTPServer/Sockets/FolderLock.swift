import Foundation

/// Keeps servers that change files of one folder from doing so at the same time: flock(2) of the folder. Where that cannot be
/// had, because the folder must not be read, its file system has no such locks, or another keeps it for more than a second, they
/// do so unprotected.
final class FolderLock: Sendable {
    private static let maximumWait = Duration.seconds(1)

    private let descriptor: Int32

    init(_ path: String) { descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func locked<R, E>(_ body: () throws(E) -> R) throws(E) -> R {
        let end = ContinuousClock.now + Self.maximumWait
        while descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK, .now < end {
            usleep(1000)
        }
        defer { if descriptor >= 0 { flock(descriptor, LOCK_UN) } }
        return try body()
    }
}
