import Testing

@testable import Inference

private final class Turn: FairlyQueued {
    let client: QueueClient
    let priority: InferencePriority
    init(_ client: QueueClient, _ priority: InferencePriority) { (self.client, self.priority) = (client, priority) }
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
        for client: QueueClient in ["a", "b"] { for _ in 0..<10 { queue.append(Turn(client, .normal)) } }
        let two = queue.yielding(5, to: "c", .normal, count: 5) ?? []
        #expect(two.count == 5 && [2, 3].contains(two.count { $0.client == "a" }))
        queue = FairQueue<Turn>()
        for client in 0..<100 { queue.append(Turn(QueueClient("\(client)"), .low)) }
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

    // MARK: Shares

    private static let (large, small) = (QueueClient("large", share: 3), QueueClient("small"))

    @Test func aClientOfShareThreeHasThreeTurnsForOneOfAnother() {
        var queue = FairQueue<Turn>()
        for _ in 0..<100 {
            queue.append(Turn(Self.small, .normal))
            queue.append(Turn(Self.large, .normal))
        }
        let order = (0..<12).compactMap { _ in queue.popFirst()?.client.name }
        let round = ["small", "large", "large", "large"]
        #expect(order == round + round + round)
    }

    @Test func whatIsLeftOfATurnIsNotKeptForTheNext() {
        var queue = FairQueue<Turn>()
        queue.append(Turn(Self.large, .normal))
        for _ in 0..<9 { queue.append(Turn(Self.small, .normal)) }
        #expect(queue.popFirst()?.client == Self.large)
        for _ in 0..<9 { queue.append(Turn(Self.large, .normal)) }
        let order = (0..<5).compactMap { _ in queue.popFirst()?.client.name }
        #expect(order == ["small", "large", "large", "large", "small"])
    }

    @Test func whoLeavesInTheMiddleOfATurnLeavesNothingOfItToTheNext() {
        var queue = FairQueue<Turn>()
        let turns = [Turn(Self.large, .normal), Turn(Self.large, .normal)]
        let other = QueueClient("other", share: 2)
        for turn in turns { queue.append(turn) }
        for _ in 0..<3 { queue.append(Turn(other, .normal)) }
        queue.append(Turn(Self.small, .normal))
        #expect(queue.popFirst() === turns[0] && queue.remove(turns[1]))
        let order = (0..<4).compactMap { _ in queue.popFirst()?.client.name }
        #expect(order == ["other", "small", "other", "other"])
    }

    @Test func aSingleElementIsOneTurnBehindOthersWhateverTheirShares() {
        var queue = FairQueue<Turn>()
        let huge = QueueClient("huge", share: 1000)
        for _ in 0..<1000 { queue.append(Turn(huge, .normal)) }
        for _ in 0..<10 { #expect(queue.popFirst()?.client == huge) }
        let single = Turn(Self.small, .normal)
        queue.append(single)
        #expect(queue.elementsAhead(of: single) == 1)
        let next = (0..<2).map { _ in queue.popFirst() }
        #expect(next.contains { $0 === single })
    }

    @Test func noShareShutsOthersOutOfAFullQueue() {
        var queue = FairQueue<Turn>()
        let huge = QueueClient("huge", share: 1000)
        for _ in 0..<256 { queue.append(Turn(huge, .normal)) }
        #expect(queue.yielding(1, to: "new", .normal, count: 1)?.first?.client == huge)
        #expect(queue.yielding(2, to: "new", .normal, count: 2) == nil, "more than its share")
        queue.append(Turn("one", .normal))
        #expect(queue.yielding(1, to: "new", .normal, count: 1)?.first?.client == huge, "and not the other's only one")
        queue = FairQueue<Turn>()
        for client in 0..<10 { queue.append(Turn(QueueClient("\(client)"), .normal)) }
        #expect(queue.yielding(1, to: huge, .normal, count: 1) == nil, "nobody holds more than one")
    }

    @Test func theElementsAheadCountTheSharesOfAllClients() {
        for mine in 1...12 {
            var queue = FairQueue<Turn>()
            for _ in 0..<20 { queue.append(Turn(Self.small, .normal)) }
            for _ in 0..<20 { queue.append(Turn(QueueClient("five", share: 5), .normal)) }
            let line = (0..<mine).map { _ in Turn(Self.large, .normal) }
            let predicted = queue.elementsAhead(of: mine, client: Self.large, priority: .normal)
            for turn in line { queue.append(turn) }
            var found = 0
            while let turn = queue.popFirst(), turn !== line.last { found += turn.client == Self.large ? 0 : 1 }
            #expect(predicted == found, "before number \(mine)")
        }
    }

    @Test func ofAFullQueueEachClientKeepsItsShare() {
        var queue = FairQueue<Turn>()
        for _ in 0..<30 { queue.append(Turn(Self.large, .normal)) }
        for _ in 0..<11 { queue.append(Turn(Self.small, .normal)) }
        #expect(queue.yielding(1, to: "new", .normal, count: 1)?.first?.client == Self.small)
        #expect(queue.yielding(1, to: Self.small, .normal, count: 1) == nil, "it holds more than its share already")
        #expect(queue.yielding(1, to: Self.large, .normal, count: 1)?.first?.client == Self.small)
        #expect(queue.yielding(3, to: Self.large, .normal, count: 3) == nil, "33 of its 33 for 11 of the other")
    }
}
