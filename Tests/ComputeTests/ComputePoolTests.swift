import Synchronization
import Testing

@testable import Compute

@Suite(.timeLimit(.minutes(1)))
struct ComputePoolTests {
    @Test("every task runs exactly once, on a worker of the pool", arguments: 1...5)
    func everyTaskOnce(threads: Int) {
        let pool = ComputePool(threads: threads)
        #expect(pool.threads == threads)
        for count in [0, 1, 2, 7, 100, 1000] {
            let lock = SystemLock()
            var runs = [Int](repeating: 0, count: count)
            var workers: Set<Int> = []
            pool.parallelFor(count) { task, worker in
                lock.withLock {
                    runs[task] += 1
                    workers.insert(worker)
                }
            }
            #expect(runs == [Int](repeating: 1, count: count))
            #expect(workers.isSubset(of: Set(0..<threads)))
        }
    }

    @Test("a worker runs one task at a time")
    func exclusiveWorkers() {
        let pool = ComputePool(threads: 4)
        let lock = SystemLock()
        var busy: Set<Int> = []
        var clashes = 0
        for _ in 0..<200 {
            pool.parallelFor(16) { _, worker in
                lock.withLock { if !busy.insert(worker).inserted { clashes += 1 } }
                lock.withLock { _ = busy.remove(worker) }
            }
        }
        #expect(clashes == 0)
    }

    @Test("what a task wrote is seen after the section", arguments: [2, 3])
    func visibility(threads: Int) {
        let pool = ComputePool(threads: threads)
        let cells = UnsafeMutablePointer<Int>.allocate(capacity: 64)
        cells.initialize(repeating: 0, count: 64)
        defer { cells.deallocate() }
        for round in 1...2000 {
            pool.parallelFor(64) { task, _ in cells[task] += 1 }
            for cell in 0..<64 where cells[cell] != round {
                Issue.record("cell \(cell) is \(cells[cell]) after \(round) rounds")
                return
            }
        }
    }

    @Test("several callers take turns")
    func concurrentCallers() async {
        let pool = ComputePool(threads: 3)
        let total = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var total = 0
                    for _ in 0..<100 {
                        let sum = Atomic<Int>(0)
                        pool.parallelFor(10) { task, _ in sum.add(task, ordering: .relaxed) }
                        total += sum.load(ordering: .relaxed)
                    }
                    return total
                }
            }
            return await group.reduce(0, +)
        }
        #expect(total == 8 * 100 * 45)
    }

    @Test("a section begins while the last task of another still runs")
    func overlap() async {
        final class Flag: Sendable {
            private let value = Atomic(false)
            var isSet: Bool { value.load(ordering: .sequentiallyConsistent) }
            func set() { value.store(true, ordering: .sequentiallyConsistent) }
        }
        let pool = ComputePool(threads: 2)
        let (lastBegan, othersRan) = (Flag(), Flag())
        let sum = Atomic<Int>(0)
        let first = Task.detached {
            pool.parallelFor(3, allBegun: lastBegan.set) { task, _ in
                while task == 2 && !othersRan.isSet {}
            }
        }
        while !lastBegan.isSet { await Task.yield() }
        for _ in 0..<10 { pool.parallelFor(4) { task, _ in sum.add(task, ordering: .relaxed) } }
        othersRan.set()
        await first.value
        #expect(sum.load(ordering: .relaxed) == 60)
    }

    @Test("a section that comes after the threads fell asleep still runs on all tasks")
    func afterSleep() async throws {
        let pool = ComputePool(threads: 4)
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(2))
            let sum = Atomic<Int>(0)
            pool.parallelFor(8) { task, _ in sum.add(task, ordering: .relaxed) }
            #expect(sum.load(ordering: .relaxed) == 28)
        }
    }

    @Test("a section inside a section of another pool is fine")
    func nestedPools() {
        let (outer, inner) = (ComputePool(threads: 2), ComputePool(threads: 2))
        let sum = Atomic<Int>(0)
        outer.parallelFor(4) { _, _ in inner.parallelFor(5) { task, _ in sum.add(task, ordering: .relaxed) } }
        #expect(sum.load(ordering: .relaxed) == 40)
    }

    @Test("a section inside a section of the same pool traps instead of waiting for ever")
    func nestedSection() async {
        await #expect(processExitsWith: .failure) {
            let pool = ComputePool(threads: 2)
            pool.parallelFor(2) { _, _ in pool.parallelFor(2) { _, _ in } }
        }
    }

    @Test("the shared pool has a thread for each core that may be used")
    func shared() {
        #expect(ComputePool.shared.threads == AvailableCores.count)
        #expect(AvailableCores.count >= 1)
    }
}
