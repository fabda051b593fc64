import ArgumentParser
import Synchronization

/// Requests that arrive at a fixed rate, however long the answers take.
struct OpenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Send requests at a fixed rate.",
        discussion: """
            Arrival k is due at start + k / rate. A free connection takes the next arrival and sleeps until it is due; \
            where none is free the request is sent late, which late_ms shows. Latencies run from the sending.
            """)

    @OptionGroup var options: RequestOptions
    @Option(help: "Requests a second.") var rate: Double
    @Option(help: "Seconds in which requests fall due.") var seconds = 30.0
    @Option(help: "Connections, each of a thread.") var connections = 1024
    @Option(name: .customLong("timeout-ms"), help: "The deadline of each request, sent as X-Request-Timeout-Ms.")
    var timeout: Int?
    @Option(help: "The server's process, whose resident memory is read each second.") var pid: Int?

    func validate() throws {
        guard connections > 0, seconds > 0, rate > 0, timeout ?? 1 > 0 else {
            throw ValidationError("rate, seconds, connections and timeout-ms are above 0")
        }
    }

    func run() throws {
        let (target, requests) = try options.requests(fields: timeout.map { ["X-Request-Timeout-Ms: \($0)"] } ?? [])
        let isUnique = !options.same
        let process = pid.map(ServerProcess.init)
        var memory: [Int] = []
        if let process { memory.append(try process.residentBytes()) }

        let schedule = ArrivalSchedule(start: Monotonic.afterConnecting(), rate: rate, seconds: seconds)
        let threads = try ThreadGroup(connections) { worker in
            try openLoop(
                target: target, requests: requests, schedule: schedule, tail: UniqueTail(worker, isUnique: isUnique))
        }
        if let process {
            var next = schedule.start
            while next < schedule.end {
                Monotonic.sleep(until: next)
                memory.append(try process.residentBytes())
                next += Monotonic.nanoseconds(1)
            }
        }
        let tally = Tally(merging: threads.join())
        if let process { memory.append(try process.residentBytes()) }

        let report = OpenReport(tally: tally, schedule: schedule, residentBytes: memory)
        try report.write(summary: report.summary)
        guard tally.losses.isEmpty else { throw ExitCode.failure }
    }
}

/// When requests fall due, and which is the next that no connection has taken.
final class ArrivalSchedule: Sendable {
    let start: Int
    let end: Int
    let rate: Double
    let seconds: Double
    let count: Int
    private let taken = Atomic(0)

    init(start: Int, rate: Double, seconds: Double) {
        self.start = start
        self.rate = rate
        self.seconds = seconds
        end = start + Monotonic.nanoseconds(seconds)
        count = Int(rate * seconds)
    }

    /// The number of the next arrival and when it is due; nil after the last.
    func take() -> (number: Int, due: Int)? {
        let number = taken.add(1, ordering: .relaxed).oldValue
        return number < count ? (number, start + Monotonic.nanoseconds(Double(number) / rate)) : nil
    }
}

/// What one connection does: take an arrival, sleep until it is due, send it, read the answer.
private func openLoop(
    target: Target, requests: [ImageRequest], schedule: ArrivalSchedule, tail: UniqueTail
) throws(LoadError) -> Tally {
    var client = Client(target: target)
    var tail = tail
    var tally = Tally()
    client.connect()
    while let arrival = schedule.take() {
        Monotonic.sleep(until: arrival.due)
        tail.advance()
        let sent = Monotonic.now()
        let outcome = try client.exchange(requests[arrival.number % requests.count], tail: tail)
        tally.add(outcome, due: arrival.due, sent: sent)
    }
    tally.resent = client.resent
    return tally
}
