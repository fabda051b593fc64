import Synchronization

/// What the threads that work on one section share.
///
/// Sendable: `body`, `exhausted` and `count` are written by the section's caller while the section is not open; opening
/// publishes them.
final class SectionSlot: @unchecked Sendable {
    private let section = Atomic<UInt>(0)
    private let nextTask = Atomic<Int>(0)
    private let taken = Atomic<Bool>(false)
    private let emptied = ParkingLot()
    private var count = 0
    private var body: ((Int, Int) -> Void)?
    private var exhausted: (() -> Void)?

    /// Whether the section before has left the slot.
    var isFree: Bool { !taken.load(ordering: .sequentiallyConsistent) }

    /// Readies the slot, which is free, for a section of `count` tasks. Whoever takes the last one calls `exhausted` before
    /// running it.
    func take(_ count: Int, exhausted: @escaping () -> Void, _ body: @escaping (Int, Int) -> Void) {
        taken.store(true, ordering: .relaxed)
        self.count = count
        self.body = body
        self.exhausted = exhausted
        nextTask.store(0, ordering: .relaxed)
    }

    /// Lets workers in.
    func open(number: UInt) {
        section.store(Section(number: number).word, ordering: .sequentiallyConsistent)
    }

    /// Whether a section is open that has another number than `seen`.
    func isOpen(after seen: UInt) -> Bool {
        let now = Section(word: section.load(ordering: .sequentiallyConsistent))
        return now.isOpen && now.number != seen
    }

    /// A worker goes inside, if the section is still open; returns its number.
    func enter(after seen: UInt) -> UInt? {
        var now = Section(word: section.load(ordering: .relaxed))
        while now.isOpen && now.number != seen {
            let (entered, original) = section.compareExchange(
                expected: now.word, desired: now.entered.word, ordering: .acquiringAndReleasing)
            if entered { return now.number }
            now = Section(word: original)
        }
        return nil
    }

    func leave() {
        let left = section.subtract(1, ordering: .sequentiallyConsistent).newValue
        if Section(word: left).inside == 0 { emptied.notify() }
    }

    /// Runs tasks until none is left.
    func drain(as worker: Int) {
        guard let body, let exhausted else { return }
        let count = count
        while true {
            let task = nextTask.add(1, ordering: .relaxed).oldValue
            guard task < count else { return }
            if task == count - 1 { exhausted() }
            body(task, worker)
        }
    }

    /// No task is left: lets no further worker in, waits for those inside, and frees the slot. A worker still asleep is
    /// not waited for.
    func close() {
        let closed = section.bitwiseAnd(Section.closing, ordering: .sequentiallyConsistent).newValue
        if Section(word: closed).inside > 0 {
            func isEmpty() -> Bool { Section(word: section.load(ordering: .sequentiallyConsistent)).inside == 0 }
            if !spin(until: isEmpty) { emptied.sleep(until: isEmpty) }
        }
        body = nil
        exhausted = nil
        taken.store(false, ordering: .sequentiallyConsistent)
    }
}
