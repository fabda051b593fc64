/// The parameters of a request's query, all of them known to the route. An empty value is the same as none, also of a
/// parameter that is not known, so that `?model=&top_k=5&explain=` can be written as the documentation does.
package struct QueryParameters: Sendable {
    private var values: [String: String] = [:]

    package static let empty = QueryParameters()

    private init() {}

    /// Reads `query` as forms write it (`application/x-www-form-urlencoded` of the URL Standard, §5.1).
    ///
    /// - Parameter known: the names the route takes; any other is refused rather than ignored, because a misspelt
    ///   parameter would otherwise pass as its default.
    package init(_ query: Substring, known: [String]) throws(Problem) {
        for pair in query.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(halves[0])
            let value = try halves.count == 2 ? Self.decoded(halves[1]) : ""
            if value.isEmpty { continue }
            guard known.contains(name) else { throw Self.unknown(name, known: known) }
            guard values[name] == nil else {
                throw Problem(.invalidParameter, "'\(name)' is given twice.").with("parameter", .string(name))
            }
            values[name] = value
        }
    }

    package func string(_ name: String) -> String? { values[name] }

    func integer(_ name: String, in range: PartialRangeFrom<Int>) throws(Problem) -> Int? {
        guard let text = string(name) else { return nil }
        // Int also takes a plus sign.
        guard text.first != "+", let value = Int(text), range.contains(value) else {
            throw .invalidParameter(name, expected: "a whole number from \(range.lowerBound)", found: text)
        }
        return value
    }

    /// - Parameter unit: what is counted, for the message.
    func integer(_ name: String, in range: ClosedRange<Int>, unit: String = "") throws(Problem) -> Int? {
        guard let text = string(name) else { return nil }
        guard text.first != "+", let value = Int(text), range.contains(value) else {
            let expected = "a whole number\(unit) from \(range.lowerBound) to \(range.upperBound)"
            throw .invalidParameter(name, expected: expected, found: text)
        }
        return value
    }

    func bool(_ name: String, default defaultValue: Bool) throws(Problem) -> Bool {
        switch string(name) {
        case nil: return defaultValue
        case "true": return true
        case "false": return false
        case let found?: throw .invalidParameter(name, expected: "true or false", found: found)
        }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, default defaultValue: Choice
    ) throws(Problem) -> Choice {
        try choice(name) ?? defaultValue
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(Problem) -> Choice? {
        guard let text = string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let expected = "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalidParameter(name, expected: expected, found: text)
        }
        return choice
    }

    private static func decoded(_ text: Substring) throws(Problem) -> String {
        guard let decoded = percentDecoded(String(text.map { $0 == "+" ? " " : $0 })) else {
            throw Problem(.malformedRequest, "The query has '\(text)', which is not percent-encoded UTF-8.")
        }
        return decoded
    }

    private static func unknown(_ name: String, known: [String]) -> Problem {
        let list = known.isEmpty ? "this route takes none" : "this route takes \(known.joined(separator: ", "))"
        return Problem(.unknownParameter, "There is no parameter '\(name)'; \(list).")
            .with("parameter", .string(name)).with("available", .strings(known))
    }
}
