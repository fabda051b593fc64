import DequeModule

/// What a ``FairQueue`` holds: whose it is, and how urgent.
protocol FairlyQueued: AnyObject {
    var client: QueueClient { get }
    var priority: InferencePriority { get }
}

/// A queue in which priorities share the turns by weight, and the clients of one priority take turns, as many elements each
/// as their share says.
///
/// Between priorities it is stride scheduling (Waldspurger & Weihl, 1995): each lane's `pass` advances by the inverse of
/// its share, and the lane that is furthest behind comes next. Inside a lane it is weighted
/// round robin, so that a client with a thousand elements delays another's single one by one turn.
struct FairQueue<Element: FairlyQueued> {
    private struct Lane {
        let stride: Double
        var pass = 0.0
        var count = 0
        /// Clients with elements, in the order of their next turns.
        var turns: Deque<QueueClient> = []
        var elements: [QueueClient: Deque<Element>] = [:]
        /// How many elements the client whose turn it is has taken of it.
        var taken = 0

        /// The turn passes to the next client.
        mutating func endTurn(comesAgain: Bool) {
            guard let client = turns.popFirst() else { return }
            if comesAgain { turns.append(client) }
            taken = 0
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
        if lanes[index].elements[element.client] == nil { lanes[index].turns.append(element.client) }
        lanes[index].elements[element.client, default: []].append(element)
    }

    /// Takes the element whose turn it is.
    mutating func popFirst() -> Element? {
        guard let index = lanes.indices.filter({ lanes[$0].count > 0 }).min(by: { lanes[$0].pass < lanes[$1].pass }),
            let client = lanes[index].turns.first,
            let element = lanes[index].elements[client]?.popFirst()
        else { return nil }
        now = lanes[index].pass
        lanes[index].pass += lanes[index].stride
        lanes[index].count -= 1
        lanes[index].taken += 1
        if lanes[index].elements[client]?.isEmpty ?? true {
            lanes[index].elements[client] = nil
            lanes[index].endTurn(comesAgain: false)
        } else if lanes[index].taken >= client.share {
            lanes[index].endTurn(comesAgain: true)
        }
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
        if lanes[index].elements[element.client]?.isEmpty ?? true {
            lanes[index].elements[element.client] = nil
            if lanes[index].turns.first == element.client {
                lanes[index].endTurn(comesAgain: false)
            } else {
                lanes[index].turns.removeAll { $0 == element.client }
            }
        }
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
        let rounds = (mine - 1) / client.share + 1
        let sameLane = own.elements.reduce(0) { sum, entry in
            sum + (entry.key == client ? 0 : min(entry.value.count, rounds * entry.key.share))
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
    /// will.
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
                let most = clients[longest.lane].max(by: { lhs, rhs in
                    let (left, right) = (lhs.value * rhs.key.share, rhs.value * lhs.key.share)
                    return (left, lhs.key.name) < (right, rhs.key.name)
                }), longest != priority || most.value * client.share > mine * most.key.share,
                let line = lanes[longest.lane].elements[most.key], most.value > 0, most.value <= line.count
            else { return nil }
            given.append(line[most.value - 1])
            held[longest.lane] -= 1
            clients[longest.lane][most.key] = most.value - 1
        }
        return given
    }
}
