import Synchronization
import Testing

@testable import HTTPServer

struct ByteBudgetTests {
    private let first = ClientNetwork(.internet(host: "192.0.2.1", port: 1))
    private let second = ClientNetwork(.internet(host: "192.0.2.2", port: 1))

    private func holder(_ network: ClientNetwork?, giveWay: @escaping @Sendable () -> Void = {}) -> ByteBudget.Holder {
        ByteBudget.Holder(network: network, giveWay: giveWay)
    }

    @Test func `A network has its share, whatever room there is`() throws {
        let budget = ByteBudget(limit: 100, limitPerNetwork: 25, patience: .seconds(1000))
        let (one, another) = (holder(first), holder(first))
        try budget.take(20, for: one, isWhole: true)
        #expect(throws: ProtocolError.self) { try budget.take(6, for: another, isWhole: false) }
        #expect(throws: ProtocolError.self) { try budget.checkRoom(for: 6, another) }
        try budget.take(5, for: another, isWhole: false)
        try budget.take(25, for: holder(second), isWhole: false)
        // Behind a proxy, say, all have the same address.
        try budget.take(50, for: holder(nil), isWhole: false)
        budget.giveBack(one)
        try budget.take(20, for: another, isWhole: true)
        budget.giveBack(another)
        try budget.take(25, for: holder(first), isWhole: true)
    }

    @Test func `The body that has been arriving for longest gives way, and what is whole does not`() throws {
        let budget = ByteBudget(limit: 100, limitPerNetwork: 100, patience: .zero)
        let ended = Mutex<[String]>([])
        let holders = ["whole", "oldest", "older", "newest"].map { name in
            holder(nil) { ended.withLock { $0.append(name) } }
        }
        for each in holders {
            try budget.take(20, for: each, isWhole: false)
        }
        try budget.take(0, for: holders[0], isWhole: true)
        try budget.checkRoom(for: 80, holder(nil))
        #expect(throws: ProtocolError.self) { try budget.checkRoom(for: 81, holder(nil)) }
        #expect(ended.withLock { $0 } == [])
        let late = holder(nil)
        #expect(throws: ProtocolError.self) { try budget.take(81, for: late, isWhole: true) }
        #expect(ended.withLock { $0 } == [])
        try budget.take(60, for: late, isWhole: true)
        #expect(ended.withLock { $0 } == ["oldest", "older"])
        // It may not have learnt of it yet.
        #expect(throws: ProtocolError.self) { try budget.take(1, for: holders[1], isWhole: true) }
        for each in holders + [late] { budget.giveBack(each) }
        try budget.take(100, for: holder(nil), isWhole: true)
    }
}
