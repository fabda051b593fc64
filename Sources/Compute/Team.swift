import Synchronization

/// What a ``ComputePool``'s threads share. They keep it alive, not the pool, so that the pool can end them.
///
/// Sendable: `body` and `count` are written while no section is open, and opening one publishes them.
final class Team: @unchecked Sendable {
    private let turn = Mutex(())
    private let section = Atomic<UInt>(0)
    private let nextTask = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private let opened = ParkingLot()
    private let emptied = ParkingLot()
    private var count = 0
    private var body: ((Int, Int) -> Void)?

    private var address: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    func run(_ count: Int, _ body: (Int, Int) -> Void) {
        precondition(CurrentTeam.address != address, "a task of a compute pool started a section on the same pool")
        let outer = CurrentTeam.address
        turn.withLock { _ in
            withoutActuallyEscaping(body) { body in
                self.body = body
                self.count = count
                nextTask.store(0, ordering: .relaxed)
                open()
                CurrentTeam.address = address
                drain(as: 0)
                CurrentTeam.address = outer
                close()
                self.body = nil
            }
        }
    }

    private func open() {
        let last = Section(word: section.load(ordering: .relaxed))
        section.store(last.next.word, ordering: .sequentiallyConsistent)
        opened.notify()
    }

    /// No task is left: lets no further worker in, and waits for those inside. One still asleep is not waited for.
    private func close() {
        let closed = section.bitwiseAnd(Section.closing, ordering: .sequentiallyConsistent).newValue
        guard Section(word: closed).inside > 0 else { return }
        func isEmpty() -> Bool { Section(word: section.load(ordering: .sequentiallyConsistent)).inside == 0 }
        if !spin(until: isEmpty) { emptied.sleep(until: isEmpty) }
    }

    func work(as worker: Int) {
        CurrentTeam.address = address
        var seen = Section(word: 0).number
        func isNew() -> Bool {
            let now = Section(word: section.load(ordering: .sequentiallyConsistent))
            return now.isOpen && now.number != seen || stopping.load(ordering: .sequentiallyConsistent)
        }
        while true {
            if !spin(until: isNew) { opened.sleep(until: isNew) }
            if stopping.load(ordering: .acquiring) { return }
            guard let entered = enter(after: seen) else { continue }
            seen = entered.number
            drain(as: worker)
            leave()
        }
    }

    private func enter(after seen: UInt) -> Section? {
        var now = Section(word: section.load(ordering: .relaxed))
        while now.isOpen && now.number != seen {
            let (entered, original) = section.compareExchange(
                expected: now.word, desired: now.entered.word, ordering: .acquiringAndReleasing)
            if entered { return now }
            now = Section(word: original)
        }
        return nil
    }

    private func leave() {
        let left = section.subtract(1, ordering: .sequentiallyConsistent).newValue
        if Section(word: left).inside == 0 { emptied.notify() }
    }

    private func drain(as worker: Int) {
        guard let body else { return }
        let count = count
        while true {
            let task = nextTask.add(1, ordering: .relaxed).oldValue
            guard task < count else { return }
            body(task, worker)
        }
    }

    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        opened.notify()
    }
}
