import HTTPServer
import HTTPTypes
import Service

extension RequestTerms {
    /// The names of the query parameters that are read here.
    static let parameters = ["model", "version", "timeout_ms", "priority"]
    /// The time-outs that are taken, in milliseconds: up to an hour.
    private static let timeouts = 1...3_600_000

    /// From the query, and from `X-Request-Timeout-Ms`: of the two time-outs the shorter holds, since a proxy sets one
    /// and the client the other.
    init(_ routed: RoutedRequest) throws(Problem) {
        let (query, fields) = (routed.query, routed.request.head.headerFields)
        let limits = [
            try Self.timeout("timeout_ms", query.string("timeout_ms")),
            try Self.timeout("X-Request-Timeout-Ms", fields[.requestTimeout]),
        ]
        self.init(
            model: query.string("model"), version: query.string("version"),
            priority: try query.choice("priority", default: .normal), timeout: limits.compactMap(\.self).min(),
            client: routed.client.turn)
    }

    /// The time-out that the parameter or field `name` gives, if it is there.
    private static func timeout(_ name: String, _ text: String?) throws(Problem) -> Duration? {
        guard let text else { return nil }
        // Int also takes a plus sign.
        guard text.first != "+", let milliseconds = Int(text), timeouts.contains(milliseconds) else {
            throw .invalidParameter(
                name,
                expected: "a whole number of milliseconds from \(timeouts.lowerBound) to \(timeouts.upperBound)",
                found: text)
        }
        return .milliseconds(milliseconds)
    }
}

extension HTTPField.Name {
    fileprivate static let requestTimeout: HTTPField.Name = {
        guard let name = HTTPField.Name("X-Request-Timeout-Ms") else {
            preconditionFailure("'X-Request-Timeout-Ms' is a token")
        }
        return name
    }()
}
