import DequeModule

/// What a ``FairQueue`` holds: whose it is, and how urgent.
protocol FairlyQueued: AnyObject {
    var client: String { get }
    var priority: InferencePriority { get }
}

/// A queue in which priorities share the turns by weight, and the clients of one priority take turns, one element each.
///
/// Between priorities it is stride scheduling (Waldspurger & Weihl, 1995): each lane's `pass` advances by the inverse of
/// its share, and the lane that is furthest behind comes next. Inside a lane it is round robin, so that a client with a
/// thousand elements delays another's single one by one turn.
struct FairQueue<Element: FairlyQueued> {
    private struct Lane {
        let stride: Double
        var pass = 0.0
        var count = 0
        /// Clients with elements, in the order of their next turns.
        var turns: Deque<String> = []
        var elements: [String: Deque<Element>] = [:]
    }

    private var lanes = InferencePriority.allCases.map { Lane(stride: 1 / $0.share) }
    /// The pass of the lane that had the latest turn: where a lane that was empty joins in.
    private var now = 0.0

    var count: Int { lanes.reduce(0) { $0 + $1.count } }
    var isEmpty: Bool { lanes.allSatisfy { $0.count == 0 } }

    /// How many elements a client has at a priority.
    func count(of client: String, at priority: InferencePriority) -> Int {
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
            let client = lanes[index].turns.popFirst(),
            let element = lanes[index].elements[client]?.popFirst()
        else { return nil }
        now = lanes[index].pass
        lanes[index].pass += lanes[index].stride
        lanes[index].count -= 1
        if lanes[index].elements[client]?.isEmpty ?? true {
            lanes[index].elements[client] = nil
        } else {
            lanes[index].turns.append(client)
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
            lanes[index].turns.removeAll { $0 == element.client }
        }
        return true
    }

    /// How many elements will have their turn before the last of `count` more of this client.
    func elementsAhead(of count: Int, client: String, priority: InferencePriority) -> Int {
        let own = lanes[priority.lane]
        let mine = (own.elements[client]?.count ?? 0) + count
        let sameLane = own.elements.reduce(0) { sum, entry in
            sum + (entry.key == client ? 0 : min(entry.value.count, mine))
        }
        let turns = mine + sameLane
        let otherLanes = InferencePriority.allCases.filter { $0 != priority }.reduce(0) { sum, other in
            sum + min(lanes[other.lane].count, Int((Double(turns) * other.share / priority.share).rounded(.up)))
        }
        return turns - count + otherLanes
    }

    /// The newest element of the client that waits with most, in the least urgent lane that has any: what gives way to
    /// others in a full queue (longest queue drop).
    var newestOfLongest: Element? {
        for lane in lanes.reversed() where lane.count > 0 {
            return lane.elements.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }?.value.last
        }
        return nil
    }
}
