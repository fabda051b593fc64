import ArgumentParser

/// A fixed number of clients, each of which waits for its answer before it asks again.
struct ClosedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "closed",
        abstract: "Send on each connection one request after another.",
        discussion: "Rate and latencies are of answers 200 that came within the measured time; others are counted.")

    @OptionGroup var options: RequestOptions
    @Option(help: "Connections, each of a thread.") var connections = 32
    @Option(help: "Seconds measured.") var seconds = 10.0
    @Option(help: "Seconds before, which are not measured.") var warmup = 2.0

    func validate() throws {
        guard connections > 0, seconds > 0, warmup >= 0 else {
            throw ValidationError("connections and seconds are above 0, warmup is at least 0")
        }
    }

    func run() throws {
        let (target, requests) = try options.requests()
        let isUnique = !options.same
        let begin = Monotonic.afterConnecting() + Monotonic.nanoseconds(warmup)
        let end = begin + Monotonic.nanoseconds(seconds)
        let start = begin - Monotonic.nanoseconds(warmup)
        let threads = try ThreadGroup(connections) { worker in
            var loop = ClosedLoop(target: target, requests: requests, worker: worker, isUnique: isUnique)
            Monotonic.sleep(until: start)
            try loop.run { Monotonic.now() < end }
            return loop.tally
        }
        let tally = Tally(merging: threads.join())
        let answers = tally.answers.filter { begin <= $0.end && $0.end <= end }
        let good = answers.filter { $0.status == 200 }
        let report = Report(
            connections: connections, requestsPerSecond: rounded(Double(good.count) / seconds),
            latencyMs: Latencies(good.map(\.latency)), statuses: statusCounts(answers), losses: tally.losses,
            resent: tally.resent, toolCPUSeconds: Monotonic.processCPUSeconds())
        try report.write(summary: report.summary)
        guard tally.losses.isEmpty else { throw ExitCode.failure }
    }

    private struct Report: Encodable {
        let connections: Int
        let requestsPerSecond: Double
        let latencyMs: Latencies?
        let statuses: [String: Int]
        let losses: [String: Int]
        let resent: Int
        /// User and system time of this tool, warm-up included.
        let toolCPUSeconds: Double

        var summary: String {
            "\(connections) connections: \(requestsPerSecond) requests/s, \(Latencies.text(latencyMs)), "
                + "statuses \(countsText(statuses)), without an answer \(countsText(losses))"
        }
    }
}
