import Synchronization

/// What a ``ComputePool``'s threads share. They keep it alive, not the pool, so that the pool can end them.
///
/// Sections begin one after another, but do not wait for each other's last tasks: as soon as nobody has to begin a task
/// any more, the next section may begin, and threads that are done with the first go on with the second.
final class Team: Sendable {
    private let slots = [SectionSlot(), SectionSlot()]
    /// The section that began last: its number, and in the lowest bit its slot.
    private let latest = Atomic<UInt>(0)
    /// Whether tasks of the latest section are waiting for a thread: no other section may begin.
    private let hasTasks = Atomic<Bool>(false)
    private let exhausted = ParkingLot()
    private let freed = ParkingLot()
    private let stopping = Atomic<Bool>(false)
    private let opened = ParkingLot()

    private var address: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    func run(_ count: Int, allBegun: () -> Void, _ body: (Int, Int) -> Void) {
        precondition(CurrentTeam.address != address, "a task of a compute pool started a section on the same pool")
        guard count > 0 else { return allBegun() }
        let outer = CurrentTeam.address
        withoutActuallyEscaping(body) { body in
            withoutActuallyEscaping(allBegun) { allBegun in
                takeTurn()
                let index = freeSlot()
                let slot = slots[index]
                slot.take(
                    count,
                    exhausted: { [self] in
                        endTurn(); allBegun()
                    }, body)
                if count > 1 { open(index) }
                CurrentTeam.address = address
                slot.drain(as: 0)
                CurrentTeam.address = outer
                slot.close()
                freed.notify()
            }
        }
    }

    private func freeSlot() -> Int {
        func isAnyFree() -> Bool { slots.contains(where: \.isFree) }
        if !spin(until: isAnyFree) { freed.sleep(until: isAnyFree) }
        return slots[0].isFree ? 0 : 1
    }

    private func open(_ index: Int) {
        let number = Section.number(after: latest.load(ordering: .relaxed) >> 1)
        slots[index].open(number: number)
        latest.store(number << 1 | UInt(index), ordering: .sequentiallyConsistent)
        opened.notify()
    }

    private func takeTurn() {
        func isExhausted() -> Bool { !hasTasks.load(ordering: .sequentiallyConsistent) }
        while hasTasks.exchange(true, ordering: .sequentiallyConsistent) {
            if !spin(until: isExhausted) { exhausted.sleep(until: isExhausted) }
        }
    }

    private func endTurn() {
        hasTasks.store(false, ordering: .sequentiallyConsistent)
        exhausted.notify()
    }

    func work(as worker: Int) {
        CurrentTeam.address = address
        var seen: UInt = 0
        var slot: SectionSlot { slots[Int(latest.load(ordering: .sequentiallyConsistent) & 1)] }
        func isNew() -> Bool { slot.isOpen(after: seen) || stopping.load(ordering: .sequentiallyConsistent) }
        while true {
            if !spin(until: isNew) { opened.sleep(until: isNew) }
            if stopping.load(ordering: .acquiring) { return }
            let slot = slot
            guard let entered = slot.enter(after: seen) else { continue }
            seen = entered
            slot.drain(as: worker)
            slot.leave()
        }
    }

    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        opened.notify()
    }
}
