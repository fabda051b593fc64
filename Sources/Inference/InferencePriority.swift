/// How soon a request's turn comes beside others'. While all three wait, each gets its share of the turns, so that none
/// starves.
public enum InferencePriority: String, CaseIterable, Sendable {
    case high, normal, low

    /// Turns relative to the other priorities.
    var share: Double {
        switch self {
        case .high: 16
        case .normal: 4
        case .low: 1
        }
    }

    var lane: Int {
        switch self {
        case .high: 0
        case .normal: 1
        case .low: 2
        }
    }
}
