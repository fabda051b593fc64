import HTTPServer
import HTTPTypes
import Inference
import Synchronization

/// How many requests were answered, by route and class of status, and how many with which problem. What can be counted is known
/// from the beginning, whatever clients send.
final class RequestCounts: Sendable {
    final class Counter: Sendable {
        private let value = Atomic(0)

        var count: Int { value.load(ordering: .relaxed) }

        func increment() { value.wrappingAdd(1, ordering: .relaxed) }
    }

    /// The answers of one route.
    final class Answers: Sendable {
        static let classes = ["2xx", "3xx", "4xx", "5xx"]

        private let counters = classes.map { _ in Counter() }

        var counts: [Int] { counters.map(\.count) }

        func count(_ status: HTTPResponse.Status) {
            let index = status.code / 100 - 2
            if counters.indices.contains(index) { counters[index].increment() }
        }
    }

    /// Of the router, which is made after the route that tells of them.
    private let routes = Locked<[(method: String, path: String, answers: Answers)]>([])
    /// Of requests for what is not there.
    let unrouted = Answers()
    /// Never changed, and so read without a lock.
    private let problems = Dictionary(uniqueKeysWithValues: ProblemType.allCases.map { ($0, Counter()) })

    func observe(_ routes: [Route]) {
        self.routes.withLock { $0 = routes.map { ($0.method.rawValue, $0.path.description, $0.answers) } }
    }

    /// The answers of each route, and at the end of what is none.
    var answered: [(method: String, route: String, counts: [Int])] {
        routes.withLock { $0 }.map { ($0.method, $0.path, $0.answers.counts) }
            + [("", "", unrouted.counts)]
    }

    /// A request was answered with a problem.
    func refuse(_ type: ProblemType) { problems[type]?.increment() }

    /// By the type of the problem.
    var refused: [(type: ProblemType, count: Int)] {
        ProblemType.allCases.map { ($0, problems[$0]?.count ?? 0) }
    }

    // MARK: Below the routes

    /// What the HTTP server counts, as soon as there is one.
    private let server = Locked<@Sendable () -> HTTPServerStatistics?>({ nil })

    var serverStatistics: HTTPServerStatistics? { server.withLock { $0 }() }

    func observe(server statistics: @escaping @Sendable () -> HTTPServerStatistics?) {
        server.withLock { $0 = statistics }
    }
}
