import ArgumentParser
import Synchronization

/// Whether each of many concurrent answers is that of its own image.
struct ConsistentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consistent",
        abstract: "Compare concurrent answers with each image's answer alone.",
        discussion: """
            Compares the bytes of the JSON member "predictions" or "embeddings". Ends with 1 where one differs, or where \
            a request is not answered with 200. With --same, a server that computes identical images once does less.
            """)

    @OptionGroup var options: RequestOptions
    @Option(help: "Requests, over images drawn at random.") var requests = 10_000
    @Option(help: "Connections, each of a thread.") var connections = 64

    func validate() throws {
        guard requests > 0, connections > 0 else { throw ValidationError("requests and connections are above 0") }
    }

    func run() throws {
        let (target, images) = try options.requests()
        let isUnique = !options.same
        let alone = try answersAlone(target, images)
        let countdown = Countdown(requests)
        let threads = try ThreadGroup(connections) { worker in
            var comparison = Comparison()
            var client = Client(target: target)
            // The images alone have had worker 0.
            var tail = UniqueTail(worker + 1, isUnique: isUnique)
            while countdown.take() {
                let index = Int.random(in: images.indices)
                tail.advance()
                let outcome = try client.exchange(images[index], tail: tail)
                try comparison.add(outcome, in: client.buffer, expected: alone[index], file: images[index].file)
            }
            return comparison
        }
        let comparison = Comparison(merging: threads.join())
        try comparison.write(summary: comparison.summary)
        guard comparison.equal == requests else { throw ExitCode.failure }
    }

    /// Each image's answer with nothing else to do for the server.
    private func answersAlone(_ target: Target, _ images: [ImageRequest]) throws -> [[UInt8]] {
        var client = Client(target: target)
        var tail = UniqueTail(0, isUnique: !options.same)
        var files: [[UInt8]: String] = [:]
        return try images.map { image in
            tail.advance()
            guard case .answer(let answer) = try client.exchange(image, tail: tail), answer.status == 200 else {
                throw LoadError("\(image.file): expected an answer 200 to the image alone")
            }
            let result = Array(try ResultMember.find(in: client.buffer[answer.content]))
            if let other = files.updateValue(image.file, forKey: result) {
                throw LoadError("\(image.file) and \(other) have the same answer: mixing them up would not show")
            }
            return result
        }
    }
}

/// What is left to do, shared by threads.
private final class Countdown: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) { self.count = Atomic(count) }

    /// Whether there was one left.
    func take() -> Bool { count.subtract(1, ordering: .relaxed).oldValue > 0 }
}
