import Foundation

/// A lock of the operating system's. Not `Synchronization.Mutex`, which ThreadSanitizer does not see and which has no
/// condition to wait for.
///
/// Sendable: made for sharing, and does not move.
final class SystemLock: @unchecked Sendable {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock(_ body: () -> Void) {
        pthread_mutex_lock(mutex)
        body()
        pthread_mutex_unlock(mutex)
    }
}
