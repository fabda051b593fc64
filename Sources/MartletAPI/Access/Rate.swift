/// How many requests in how long, as `10/s`, `600/m` or `5000/h`.
public struct Rate: Hashable, Sendable, LosslessStringConvertible {
    public enum Period: String, CaseIterable, Sendable {
        case second = "s"
        case minute = "m"
        case hour = "h"

        var nanoseconds: Int64 {
            switch self {
            case .second: 1_000_000_000
            case .minute: 60_000_000_000
            case .hour: 3_600_000_000_000
            }
        }
    }

    public let count: Int
    public let period: Period

    /// More a second than any server answers.
    public static let largestCount = 1_000_000

    init(_ count: Int, per period: Period) {
        self.count = count
        self.period = period
    }

    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        // Int also takes a plus sign.
        guard parts.count == 2, parts[0].first != "+", let count = Int(parts[0]),
            (1...Self.largestCount).contains(count), let period = Period(rawValue: String(parts[1]))
        else { return nil }
        self.count = count
        self.period = period
    }

    public var description: String { "\(count)/\(period.rawValue)" }
}

extension Rate: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let rate = Rate(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a rate is written as 10/s, 600/m or 5000/h, found '\(text)'")
        }
        self = rate
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
