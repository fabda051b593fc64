import Foundation
import Synchronization

/// Where threads sleep until a condition on atomics holds. Costs one atomic load to notify when nobody sleeps.
///
/// Sendable: the condition variable is made for sharing, and does not move.
final class ParkingLot: @unchecked Sendable {
    private let lock = SystemLock()
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let sleepers = Atomic<Int>(0)

    init() { pthread_cond_init(condition, nil) }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// Sleeps until `ready` holds. It must read atomics sequentially consistently, as must their writer write them
    /// before it notifies: then either the writer sees the sleeper, or the sleeper sees what was written.
    func sleep(until ready: () -> Bool) {
        lock.withLock {
            sleepers.add(1, ordering: .sequentiallyConsistent)
            while !ready() { pthread_cond_wait(condition, lock.mutex) }
            sleepers.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    /// Wakes every sleeper whose condition may hold now.
    func notify() {
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        lock.withLock { _ = pthread_cond_broadcast(condition) }
    }
}
