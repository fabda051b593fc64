import CEpoll
import Foundation

/// Whether the system waits for yet another socket of this process's user, who may have so many watched and no more
/// (epoll(7), `/proc/sys/fs/epoll/max_user_watches`). Asked before clients are accepted, whom one could otherwise only drop.
final class WatchLimit: Sendable {
    private let set: Int32

    /// - Throws: ``SocketError`` where there is no descriptor for it.
    convenience init() throws(SocketError) {
        let set = cepoll_create()
        guard set >= 0 else { throw .noPoller(reason: SocketError.reason(errno)) }
        self.init(set: set)
    }

    init(set: Int32) { self.set = set }

    deinit { close(set) }

    /// What the system is short of, by way of trial on these; `nil` where it waits for as many more.
    func shortage(_ descriptors: [Int32]) -> String? {
        var added = 0
        defer { for descriptor in descriptors.prefix(added) { cepoll_remove(set, descriptor) } }
        for descriptor in descriptors {
            guard cepoll_add(set, descriptor) else {
                let number = errno
                return number == ENOSPC
                    ? "this user's watches are used up (sysctl fs.epoll.max_user_watches)"
                    : "epoll_ctl: \(SocketError.reason(number))"
            }
            added += 1
        }
        return nil
    }
}
