/// A connection that sends one request after another, each when the one before is answered.
struct ClosedLoop {
    private var client: Client
    private let requests: [ImageRequest]
    private var next: Int
    private var tail: UniqueTail
    private(set) var tally = Tally()

    /// Connects. Loops of different `worker` begin with different images.
    init(target: Target, requests: [ImageRequest], worker: Int, isUnique: Bool) {
        client = Client(target: target)
        self.requests = requests
        next = worker % requests.count
        tail = UniqueTail(worker, isUnique: isUnique)
        client.connect()
    }

    /// Sends while `goesOn` says so; the last answer may come after that.
    mutating func run(while goesOn: () -> Bool) throws(LoadError) {
        while goesOn() {
            tail.advance()
            let sent = Monotonic.now()
            let outcome = try client.exchange(requests[next], tail: tail)
            tally.add(outcome, due: sent, sent: sent)
            next = next + 1 == requests.count ? 0 : next + 1
        }
        tally.resent = client.resent
    }
}
