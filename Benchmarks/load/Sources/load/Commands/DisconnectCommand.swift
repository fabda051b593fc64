import ArgumentParser
import Synchronization

/// Clients that leave before they are answered, while others keep the server busy.
struct DisconnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disconnect",
        abstract: "Send requests and leave without the answers.",
        discussion: """
            With --pid, the held connections first run alone, so that the server's CPU time for the clients that left \
            can be told from its time for the others: the surplus is what it used beyond answers 200 × their cost \
            alone. It is read when the server is idle: nothing else may use it. It includes receiving and, where the \
            server does it before dropping, decoding; what was computed the server's own metrics tell. Answers that \
            were there when a client left are looked at, not read.
            """)

    @OptionGroup var options: RequestOptions
    @Option(help: "Clients that leave, each of a thread, all at once.") var clients = 1000
    @Option(help: "Milliseconds from the end of sending to the closing.") var afterMs = 20.0
    @Option(help: "Connections that send ordinary requests meanwhile.") var hold = 0
    @Option(help: "Seconds that the held connections run alone before, with --pid.") var alone = 3.0
    @Option(help: "The server's process, whose CPU time is read.") var pid: Int?

    func validate() throws {
        guard clients > 0, afterMs >= 0, hold >= 0, alone >= 0 else {
            throw ValidationError("clients is above 0; after-ms, hold and alone are at least 0")
        }
    }

    func run() throws {
        let (target, requests) = try options.requests()
        let process = pid.map(ServerProcess.init)
        var cpu: [Double] = []
        if let process { cpu.append(try process.cpuSecondsWhenIdle()) }

        var aloneTally = Tally()
        if let process, hold > 0 {
            let isOver = Flag()
            let held = try holders(target, requests, until: isOver)
            Monotonic.sleep(until: Monotonic.now() + Monotonic.nanoseconds(alone))
            isOver.raise()
            aloneTally = Tally(merging: held.join())
            cpu.append(try process.cpuSecondsWhenIdle())
        }

        let isOver = Flag()
        let held = try holders(target, requests, until: isOver)
        if hold > 0 { Monotonic.sleep(until: Monotonic.afterConnecting()) }
        let departures = try leave(target, requests).join()
        isOver.raise()
        let heldTally = Tally(merging: held.join())
        if let process { cpu.append(try process.cpuSecondsWhenIdle()) }

        let report = DisconnectReport(
            departures: departures, heldAlone: aloneTally, held: heldTally, cpuSeconds: cpu)
        try report.write(summary: report.summary)
        guard report.notSent == 0, heldTally.losses.isEmpty else { throw ExitCode.failure }
    }

    private func holders(
        _ target: Target, _ requests: [ImageRequest], until isOver: Flag
    ) throws -> ThreadGroup<Tally> {
        let isUnique = !options.same
        let first = clients
        return try ThreadGroup(hold) { worker in
            var loop = ClosedLoop(target: target, requests: requests, worker: first + worker, isUnique: isUnique)
            try loop.run { !isOver.isRaised }
            return loop.tally
        }
    }

    private func leave(_ target: Target, _ requests: [ImageRequest]) throws -> ThreadGroup<Departure> {
        let isUnique = !options.same
        let pause = Monotonic.nanoseconds(afterMs / 1000)
        return try ThreadGroup(clients) { worker in
            var tail = UniqueTail(worker, isUnique: isUnique)
            tail.advance()
            let request = requests[worker % requests.count]
            guard let socket = try? Socket(connectingTo: target.address),
                socket.send(request.head, request.image, tail.bytes)
            else { return .notSent }
            Monotonic.sleep(until: Monotonic.now() + pause)
            let status = String(decoding: socket.peek(12), as: UTF8.self)
            return status.isEmpty ? .unanswered : .answered(status: String(status.suffix(3)))
        }
    }
}

/// How a client left.
enum Departure: Sendable, Equatable {
    case notSent
    case unanswered
    case answered(status: String)
}

/// Raised once, seen by all threads.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .relaxed) }

    func raise() { value.store(true, ordering: .relaxed) }
}
