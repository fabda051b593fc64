import HTTPServer
import HTTPTypes
import Service

extension RequestTerms {
    /// The names of the query parameters that are read here.
    static let parameters = ["model", "version", "timeout_ms", "priority"]
    /// The longest time-out, an hour.
    private static let longestTimeout = 3_600_000

    /// From the query, and from `X-Request-Timeout-Ms`: of the two time-outs the shorter holds, since a proxy sets one
    /// and the client the other.
    init(_ routed: RoutedRequest) throws(Problem) {
        let (query, fields) = (routed.query, routed.request.head.headerFields)
        let asked = try query.integer("timeout_ms", in: 1...)
        var limits: [Int] = []
        for (name, text) in [("timeout_ms", asked.map(String.init)), ("X-Request-Timeout-Ms", fields[.requestTimeout])]
        {
            guard let text else { continue }
            guard let value = Int(text), text.utf8.allSatisfy({ $0.isDigit }), (1...Self.longestTimeout).contains(value)
            else {
                throw .invalidParameter(
                    name, expected: "a whole number of milliseconds from 1 to \(Self.longestTimeout)", found: text)
            }
            limits.append(value)
        }
        self.init(
            model: query.string("model"), version: query.string("version"),
            priority: try query.choice("priority", default: .normal),
            timeout: limits.min().map { .milliseconds($0) },
            client: fields[.authorization] ?? fields[.apiKey] ?? routed.request.remoteAddress)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

extension HTTPField.Name {
    fileprivate static let requestTimeout = name("X-Request-Timeout-Ms")
    fileprivate static let apiKey = name("X-API-Key")

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("'\(text)' is a token") }
        return name
    }
}
