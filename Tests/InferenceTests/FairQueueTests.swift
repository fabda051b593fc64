import Testing

@testable import Inference

private final class Turn: FairlyQueued {
    let client: String
    let priority: InferencePriority
    init(_ client: String, _ priority: InferencePriority) { (self.client, self.priority) = (client, priority) }
}

struct FairQueueTests {
    @Test func oneClientsElementsKeepTheirOrder() {
        var queue = FairQueue<Turn>()
        let turns = (0..<10).map { _ in Turn("a", .normal) }
        for turn in turns { queue.append(turn) }
        for turn in turns { #expect(queue.popFirst() === turn) }
        #expect(queue.popFirst() == nil && queue.isEmpty)
    }

    @Test func clientsTakeTurnsHoweverManyElementsTheyHave() {
        var queue = FairQueue<Turn>()
        for _ in 0..<100 { queue.append(Turn("many", .normal)) }
        for _ in 0..<3 { queue.append(Turn("few", .normal)) }
        let order = (0..<6).compactMap { _ in queue.popFirst()?.client }
        #expect(order == ["many", "few", "many", "few", "many", "few"])
    }

    @Test func prioritiesShareTheTurnsSixteenToFourToOne() {
        var queue = FairQueue<Turn>()
        for priority in InferencePriority.allCases {
            for _ in 0..<1000 { queue.append(Turn("a", priority)) }
        }
        var turns: [InferencePriority: Int] = [:]
        for _ in 0..<840 { turns[queue.popFirst()?.priority ?? .low, default: 0] += 1 }
        #expect(abs((turns[.high] ?? 0) - 640) <= 2, "\(turns)")
        #expect(abs((turns[.normal] ?? 0) - 160) <= 2, "\(turns)")
        #expect(abs((turns[.low] ?? 0) - 40) <= 2, "\(turns)")
    }

    @Test func aLaneThatWasEmptyDoesNotCatchUp() {
        var queue = FairQueue<Turn>()
        for _ in 0..<100 { queue.append(Turn("a", .low)) }
        for _ in 0..<50 { _ = queue.popFirst() }
        for _ in 0..<100 { queue.append(Turn("a", .normal)) }
        let order = (0..<25).compactMap { _ in queue.popFirst()?.priority }
        #expect((4...6).contains(order.count { $0 == .low }), "\(order)")
    }

    @Test func removedElementsHaveNoTurnAndEmptyClientsNone() {
        var queue = FairQueue<Turn>()
        let (gone, stays) = (Turn("a", .high), Turn("b", .high))
        queue.append(gone)
        queue.append(stays)
        #expect(queue.remove(gone) && !queue.remove(gone))
        #expect(queue.count == 1 && queue.popFirst() === stays && queue.popFirst() == nil)
    }

    @Test func theElementsAheadAreThoseThatComeFirst() {
        var queue = FairQueue<Turn>()
        for _ in 0..<100 { queue.append(Turn("many", .normal)) }
        queue.append(Turn("one", .normal))
        for _ in 0..<50 { queue.append(Turn("a", .high)) }
        for _ in 0..<50 { queue.append(Turn("a", .low)) }
        let predicted = queue.elementsAhead(of: 2, client: "new", priority: .normal)
        let last = Turn("new", .normal)
        queue.append(Turn("new", .normal))
        queue.append(last)
        var found = 0
        while let turn = queue.popFirst(), turn !== last { found += 1 }
        // Itself excepted, and not counting that a turn may fall on either side of a tie.
        #expect(abs(predicted - (found - 1)) <= 5, "predicted \(predicted), found \(found - 1)")
    }

    @Test func theElementsAheadOfOneThatWaitsAreThoseThatComeFirst() {
        var queue = FairQueue<Turn>()
        let last = Turn("a", .normal)
        for _ in 0..<9 { queue.append(Turn("a", .normal)) }
        for turn in [last, Turn("a", .normal), Turn("b", .normal), Turn("b", .normal)] { queue.append(turn) }
        #expect(queue.elementsAhead(of: last) == 9 + 2)
    }

    @Test func whatGivesWayIsTheNewestOfWhoHoldsMost() {
        var queue = FairQueue<Turn>()
        let line = (0..<9).map { _ in Turn("a", .normal) }
        for turn in line + [Turn("b", .normal), Turn("c", .normal)] { queue.append(turn) }
        let given = queue.yielding(2, to: "b", .normal, count: 2)
        #expect(given?.count == 2 && given?.first === line[8] && given?.last === line[7])
        #expect(queue.yielding(1, to: "a", .normal, count: 1) == nil, "a client gives way to itself")
        #expect(queue.yielding(7, to: "b", .normal, count: 7) == nil, "more would be left to b than to a")
    }

    @Test func manyClientsGiveWayTogether() {
        var queue = FairQueue<Turn>()
        for client in ["a", "b"] { for _ in 0..<10 { queue.append(Turn(client, .normal)) } }
        let two = queue.yielding(5, to: "c", .normal, count: 5) ?? []
        #expect(two.count == 5 && [2, 3].contains(two.count { $0.client == "a" }))
        queue = FairQueue<Turn>()
        for client in 0..<100 { queue.append(Turn("\(client)", .low)) }
        #expect(queue.yielding(4, to: "c", .high, count: 4)?.count == 4)
    }

    @Test func aPriorityKeepsItsShareOfThePlaces() {
        var queue = FairQueue<Turn>()
        for _ in 0..<80 { queue.append(Turn("a", .normal)) }
        for _ in 0..<19 { queue.append(Turn("a", .low)) }
        #expect(queue.yielding(1, to: "b", .normal, count: 1)?.first?.priority == .normal)
        #expect(queue.yielding(1, to: "b", .low, count: 1)?.first?.priority == .normal)
        #expect(queue.yielding(1, to: "b", .high, count: 1)?.first?.priority == .normal)
        for _ in 0..<3 { queue.append(Turn("a", .low)) }
        #expect(queue.yielding(1, to: "b", .normal, count: 1)?.first?.priority == .low)
        #expect(queue.yielding(1, to: "a", .low, count: 1) == nil)
    }
}
