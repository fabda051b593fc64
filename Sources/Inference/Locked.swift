import Foundation

/// A value behind a lock of the operating system's. Not `Synchronization.Mutex`: ThreadSanitizer does not see that one and
/// calls every value behind it a race, so that it could not watch over the queue and the models.
///
/// `@unchecked Sendable`: the value is touched only under the lock.
public final class Locked<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    public init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    public func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
