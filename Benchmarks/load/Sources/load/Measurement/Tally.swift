/// What came of the requests of a connection, or of all.
struct Tally: Sendable {
    struct Answer: Sendable {
        let status: Int
        let retryAfter: Int?
        /// When the request should have been sent, was sent, and when its answer was complete, in nanoseconds.
        let due: Int
        let sent: Int
        let end: Int

        var latency: Int { end - sent }
    }

    private(set) var answers: [Answer] = []
    /// Requests without an answer, by reason.
    private(set) var losses: [String: Int] = [:]
    var resent = 0

    init() {}

    init(merging tallies: [Tally]) {
        answers = tallies.flatMap(\.answers)
        losses = tallies.reduce(into: [:]) { $0.merge($1.losses, uniquingKeysWith: +) }
        resent = tallies.reduce(0) { $0 + $1.resent }
    }

    /// Adds what has just come.
    mutating func add(_ outcome: Client.Outcome, due: Int, sent: Int) {
        switch outcome {
        case .answer(let answer):
            answers.append(
                Answer(
                    status: answer.status, retryAfter: answer.retryAfter, due: due, sent: sent, end: Monotonic.now()))
        case .lost(let loss): losses[loss.description, default: 0] += 1
        }
    }
}

func statusCounts(_ answers: [Tally.Answer]) -> [String: Int] {
    answers.reduce(into: [:]) { $0[String($1.status), default: 0] += 1 }
}
