/// Reads the requests of one connection: parses them, takes their content from the budget of all connections, and says
/// until when the next bytes are waited for.
struct RequestReader {
    /// A body announced as longer than this is refused before it comes where there is no room for it.
    private static let maximumUncheckedAnnouncement = 1 << 20

    private let configuration: HTTPServerConfiguration
    private let budget: ByteBudget
    private var parser: RequestParser
    /// Who has taken content from the budget, and how much.
    private var holder: ByteBudget.Holder?
    private var budgetedBytes = 0
    /// What the latest deadline was for; `nil` where there was none for this request.
    private var awaited: RequestParser.Stage?
    /// Of the body that arrives.
    private var rate: MinimumRate?

    init(_ configuration: HTTPServerConfiguration, isSecure: Bool, budget: ByteBudget) {
        (self.configuration, self.budget) = (configuration, budget)
        parser = RequestParser(limits: configuration, isSecure: isSecure)
    }

    var stage: RequestParser.Stage { parser.stage }
    var bufferedBytes: Int { parser.bufferedBytes }
    /// Whether the content of a request that was let in is arriving. Not where it is so short that nobody was asked.
    var isReadingAdmitted: Bool { parser.stage == .body && parser.isLarge }
    /// Whether a refusal now would be the answer to a HEAD.
    var isHeadRequest: Bool { parser.isHeadRequest }
    /// Of a request that others have taken the room of.
    var exhausted: ProtocolError { budget.exhausted }

    mutating func append(_ bytes: ArraySlice<UInt8>) { parser.append(bytes) }

    /// Lets go of all that has arrived; nothing can be read after it.
    mutating func discard() { parser.discard() }

    mutating func next(_ heads: inout RecentHeads) throws(ProtocolError) -> RequestParser.Step {
        try parser.next(&heads)
    }

    /// Takes what has arrived of the current request's content from the budget.
    ///
    /// - Parameter candidate: asked for where there is any.
    /// - Throws: 503 where there is no room for it, or for what it says will come.
    mutating func takeFromBudget(
        _ step: RequestParser.Step, for candidate: @autoclosure () -> ByteBudget.Holder
    ) throws(ProtocolError) {
        var (arrived, isWhole) = (parser.contentBytes, false)
        if case .request(let request) = step { (arrived, isWhole) = (request.body.count, true) }
        if arrived > 0 {
            let holder = holder ?? candidate()
            self.holder = holder
            try budget.take(arrived - budgetedBytes, for: holder, isWhole: isWhole)
            budgetedBytes = arrived
        }
        let announced = parser.announcedBytes
        if awaited != .body, announced > Self.maximumUncheckedAnnouncement {
            try budget.checkRoom(for: announced - arrived, holder ?? candidate())
        }
    }

    mutating func giveBackBudget() {
        guard budgetedBytes > 0, let holder else { return }
        budget.giveBack(holder)
        budgetedBytes = 0
    }

    /// Until when to wait for more: a head's time runs from its first byte; a body's from its latest, within its rate.
    ///
    /// - Parameter isNew: whether an answer has been sent since.
    /// - Returns: `nil` where the deadline stays.
    mutating func nextDeadline(isNew: Bool = false) -> ContinuousClock.Instant? {
        let stage = parser.stage
        if isNew { awaited = nil }
        guard stage != awaited || stage == .body else { return nil }
        let now = ContinuousClock.now
        if stage == .body, awaited != .body {
            rate = MinimumRate(configuration.minimumBodyRate, timeout: configuration.bodyTimeout, from: now)
        }
        awaited = stage
        switch stage {
        case .idle: return now + configuration.idleTimeout
        case .head: return now + configuration.headTimeout
        case .body:
            return rate?.deadline(afterMoving: parser.contentBytes, at: now) ?? now + configuration.bodyTimeout
        }
    }
}
