/// A route's path, such as `/models/{model}`: a segment in braces takes any one segment that is not empty.
struct PathPattern: Sendable, CustomStringConvertible {
    let description: String
    private let segments: [Segment]

    private enum Segment: Sendable {
        case literal(String)
        case parameter(String)
    }

    init(_ text: String) {
        description = text
        segments = text.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            segment.hasPrefix("{") && segment.hasSuffix("}")
                ? .parameter(String(segment.dropFirst().dropLast())) : .literal(String(segment))
        }
    }

    /// True if the pattern matches nothing but itself.
    var isLiteral: Bool {
        segments.allSatisfy { if case .literal = $0 { true } else { false } }
    }

    /// The parameters, if a path of these segments (already percent-decoded) matches.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, found) in zip(segments, path) {
            switch segment {
            case .literal(let text): guard text == found else { return nil }
            case .parameter(let name):
                guard !found.isEmpty else { return nil }
                parameters[name] = found
            }
        }
        return parameters
    }
}
