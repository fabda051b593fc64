import DequeModule

/// What a ``FairQueue`` holds: whose it is, and how urgent.
protocol FairlyQueued: AnyObject {
    var client: QueueClient { get }
    var priority: InferencePriority { get }
}

/// A queue in which priorities share the turns by weight, and the clients of one priority take turns, in each round as many
/// as their share says.
///
/// Between priorities it is stride scheduling (Waldspurger & Weihl, 1995): each lane's `pass` advances by the inverse of
/// its share, and the lane that is furthest behind comes next. Inside a lane it is interleaved weighted round robin
/// (Tabatabaee et al., 2021): a client has one turn after another client's, not all of its round at once, so that one
/// with a thousand elements, or a share of a thousand, delays another's single element by one turn.
struct FairQueue<Element: FairlyQueued> {
    private struct Lane {
        let stride: Double
        var pass = 0.0
        var count = 0
        var elements: [QueueClient: Deque<Element>] = [:]
        /// Clients with elements, in the order in which they came.
        var clients: [QueueClient] = []
        /// How many turns of this round each of them has left.
        var left: [QueueClient: Int] = [:]
        /// Of the client that is asked next whether it has a turn left.
        var position = 0

        mutating func join(_ client: QueueClient) {
            clients.append(client)
            left[client] = client.share
        }

        mutating func leave(_ client: QueueClient) {
            (elements[client], left[client]) = (nil, nil)
            guard let index = clients.firstIndex(of: client) else { return }
            clients.remove(at: index)
            if index < position { position -= 1 }
        }

        /// The client whose turn it is, which passes to the next.
        mutating func nextClient() -> QueueClient? {
            guard let index = indexWithTurn(position...) ?? indexWithTurn(0...) ?? beginRound() else { return nil }
            left[clients[index], default: 1] -= 1
            position = index + 1
            return clients[index]
        }

        private func indexWithTurn(_ range: PartialRangeFrom<Int>) -> Int? {
            clients[range].firstIndex { left[$0] ?? 0 > 0 }
        }

        private mutating func beginRound() -> Int? {
            for client in clients { left[client] = client.share }
            return clients.indices.first
        }
    }

    private var lanes = InferencePriority.allCases.map { Lane(stride: 1 / $0.share) }
    /// The pass of the lane that had the latest turn: where a lane that was empty joins in.
    private var now = 0.0

    var count: Int { lanes.reduce(0) { $0 + $1.count } }
    var isEmpty: Bool { lanes.allSatisfy { $0.count == 0 } }

    /// How many elements a client has at a priority.
    func count(of client: QueueClient, at priority: InferencePriority) -> Int {
        lanes[priority.lane].elements[client]?.count ?? 0
    }

    mutating func append(_ element: Element) {
        let index = element.priority.lane
        if lanes[index].count == 0 { lanes[index].pass = max(lanes[index].pass, now) }
        lanes[index].count += 1
        if lanes[index].elements[element.client] == nil { lanes[index].join(element.client) }
        lanes[index].elements[element.client, default: []].append(element)
    }

    /// Takes the element whose turn it is.
    mutating func popFirst() -> Element? {
        guard let index = lanes.indices.filter({ lanes[$0].count > 0 }).min(by: { lanes[$0].pass < lanes[$1].pass }),
            let client = lanes[index].nextClient(),
            let element = lanes[index].elements[client]?.popFirst()
        else { return nil }
        now = lanes[index].pass
        lanes[index].pass += lanes[index].stride
        lanes[index].count -= 1
        if lanes[index].elements[client]?.isEmpty ?? true { lanes[index].leave(client) }
        return element
    }

    /// Takes an element out of turn; `false` where it is not there.
    @discardableResult
    mutating func remove(_ element: Element) -> Bool {
        let index = element.priority.lane
        guard let position = lanes[index].elements[element.client]?.lastIndex(where: { $0 === element }) else {
            return false
        }
        lanes[index].elements[element.client]?.remove(at: position)
        lanes[index].count -= 1
        if lanes[index].elements[element.client]?.isEmpty ?? true { lanes[index].leave(element.client) }
        return true
    }

    /// How many elements will have their turn before the last of `count` more of this client.
    func elementsAhead(of count: Int, client: QueueClient, priority: InferencePriority) -> Int {
        let mine = self.count(of: client, at: priority) + count
        return turnsAhead(of: mine, client: client, priority: priority) - (count - 1)
    }

    /// How many turns come before a client's turn number `mine`.
    private func turnsAhead(of mine: Int, client: QueueClient, priority: InferencePriority) -> Int {
        let own = lanes[priority.lane]
        let (rounds, turn) = (mine - 1).quotientAndRemainder(dividingBy: client.share)
        let sameLane = own.elements.reduce(0) { sum, entry in
            let share = entry.key.share
            return sum + (entry.key == client ? 0 : min(entry.value.count, rounds * share + min(share, turn + 1)))
        }
        let turns = mine + sameLane
        let otherLanes = InferencePriority.allCases.filter { $0 != priority }.reduce(0) { sum, other in
            sum + min(lanes[other.lane].count, Int((Double(turns) * other.share / priority.share).rounded(.up)))
        }
        return turns - 1 + otherLanes
    }

    /// How many elements have their turn before one that is in the queue.
    func elementsAhead(of element: Element) -> Int {
        let own = lanes[element.priority.lane].elements[element.client] ?? []
        guard let position = own.firstIndex(where: { $0 === element }) else { return 0 }
        return turnsAhead(of: position + 1, client: element.client, priority: element.priority)
    }

    /// The elements that give way to `count` more of a client in a full queue, at least `needed` of them; `nil` where so
    /// many have no more than their share.
    ///
    /// Priorities share the places as they share the turns: one after another, the newest element of the client that
    /// holds most goes (longest queue drop, Suter et al., 1998) in the priority that holds most for its share, as long
    /// as that is more than the newcomer's will be, or its own, and the client holds more for its share than the newcomer
    /// will. Whatever the shares, no client's last element gives way to another's of the same priority, and the only one of a
    /// newcomer is let in as long as somebody there holds more than one: a share makes others slow, and does not shut them out.
    func yielding(_ needed: Int, to client: QueueClient, _ priority: InferencePriority, count: Int) -> [Element]? {
        var held = lanes.map(\.count)
        held[priority.lane] += count
        let mine = self.count(of: client, at: priority) + count
        var clients = lanes.map { $0.elements.mapValues(\.count) }
        clients[priority.lane][client] = mine
        var given: [Element] = []
        while given.count < needed {
            let parts = InferencePriority.allCases.map { (priority: $0, part: Double(held[$0.lane]) / $0.share) }
            guard let longest = parts.max(by: { $0.part < $1.part })?.priority,
                let most = clients[longest.lane].max(by: holdsLess),
                longest != priority
                    || most.value > 1 && (mine == 1 || most.value * client.share > mine * most.key.share),
                let line = lanes[longest.lane].elements[most.key], most.value > 0, most.value <= line.count
            else { return nil }
            given.append(line[most.value - 1])
            held[longest.lane] -= 1
            clients[longest.lane][most.key] = most.value - 1
        }
        return given
    }
}

/// For its share; who has but one element always holds less than who has more.
private func holdsLess(_ lhs: (key: QueueClient, value: Int), _ rhs: (key: QueueClient, value: Int)) -> Bool {
    guard (lhs.value > 1) == (rhs.value > 1) else { return rhs.value > 1 }
    let (left, right) = (lhs.value * rhs.key.share, rhs.value * lhs.key.share)
    return (left, lhs.key.name) < (right, rhs.key.name)
}
