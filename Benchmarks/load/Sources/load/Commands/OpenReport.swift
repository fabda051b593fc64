/// What `open` has measured.
struct OpenReport: Encodable {
    let offeredPerSecond: Double
    /// Requests sent while others still fell due, a second.
    let sentPerSecond: Double
    /// How long after it was due a request was sent.
    let lateMs: Latencies?
    /// Answers 200 that came while requests still fell due, a second; what drains afterwards is not counted.
    let goodputPerSecond: Double
    let statuses: [String: Int]
    /// By status, from the sending of a request to the last byte of its answer.
    let latencyMs: [String: Latencies]
    /// Of answers 200, from the time the request was due.
    let latencyFromDueMs: Latencies?
    /// How often each value of Retry-After came; "none" counts answers 429 and 503 without the field.
    let retryAfterSeconds: [String: Int]
    let residentMB: ResidentMemory?
    let losses: [String: Int]
    let resent: Int
    let toolCPUSeconds: Double

    /// In 10⁶ bytes.
    struct ResidentMemory: Encodable {
        let first: Double
        let max: Double
        let last: Double
    }

    /// - Parameter residentBytes: the server's memory before, in each second of, and after the run; or empty.
    init(tally: Tally, schedule: ArrivalSchedule, residentBytes: [Int]) {
        let answers = tally.answers
        offeredPerSecond = schedule.rate
        // A request without an answer was sent as well; when is not kept.
        let sent = answers.count { $0.sent <= schedule.end } + tally.losses.values.reduce(0, +)
        sentPerSecond = rounded(Double(sent) / schedule.seconds)
        lateMs = Latencies(answers.map { max(0, $0.sent - $0.due) })
        let good = answers.count { $0.status == 200 && $0.end <= schedule.end }
        goodputPerSecond = rounded(Double(good) / schedule.seconds)
        statuses = statusCounts(answers)
        latencyMs = Dictionary(grouping: answers) { String($0.status) }.compactMapValues {
            Latencies($0.map(\.latency))
        }
        latencyFromDueMs = Latencies(answers.filter { $0.status == 200 }.map { $0.end - $0.due })
        retryAfterSeconds = answers.reduce(into: [:]) { counts, answer in
            if let seconds = answer.retryAfter {
                counts[String(seconds), default: 0] += 1
            } else if answer.status == 429 || answer.status == 503 {
                counts["none", default: 0] += 1
            }
        }
        let megabytes = residentBytes.map { rounded(Double($0) / 1e6) }
        if let first = megabytes.first, let most = megabytes.max(), let last = megabytes.last {
            residentMB = ResidentMemory(first: first, max: most, last: last)
        } else {
            residentMB = nil
        }
        losses = tally.losses
        resent = tally.resent
        toolCPUSeconds = Monotonic.processCPUSeconds()
    }

    var summary: String {
        var lines = [
            "offered \(offeredPerSecond)/s, sent \(sentPerSecond)/s (late: \(Latencies.text(lateMs))), "
                + "goodput \(goodputPerSecond)/s, without an answer \(countsText(losses))"
        ]
        for (status, latencies) in latencyMs.sorted(by: { $0.key < $1.key }) {
            lines.append("\(status): \(latencies.count) answers, \(Latencies.text(latencies))")
        }
        if !retryAfterSeconds.isEmpty { lines.append("Retry-After: \(countsText(retryAfterSeconds))") }
        if let residentMB {
            lines.append("resident MB: \(residentMB.first) first, \(residentMB.max) max, \(residentMB.last) last")
        }
        return lines.joined(separator: "\n")
    }
}
