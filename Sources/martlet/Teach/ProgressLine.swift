import Foundation

/// How far a command is, as one line.
struct ProgressLine {
    var stage: String
    /// From 0 to 1.
    var fraction: Double
    /// Such as a speed.
    var detail: String?

    private static let stageWidth = 16

    private var percent: String { "\(Int(100 * min(max(fraction, 0), 1))) %" }

    /// For a log.
    func text(after elapsed: Duration) -> String {
        (["\(stage): \(percent)", detail, Self.clock(elapsed)] as [String?]).compactMap(\.self).joined(separator: ", ")
    }

    /// For a terminal: with a bar, where there is room for one, in less than `columns`, beyond which a terminal would begin
    /// a line that is not drawn over.
    func bar(after elapsed: Duration, columns: Int) -> String {
        let padding = String(repeating: " ", count: max(0, Self.stageWidth - stage.count))
        let numbers = (["\(percent)", detail, Self.clock(elapsed)] as [String?]).compactMap(\.self)
            .joined(separator: "  ")
        let room = min(40, columns - 1 - stage.count - padding.count - numbers.count - 3)
        guard room >= 8 else { return String("\(stage) \(numbers)".prefix(max(0, columns - 1))) }
        let filled = Int(Double(room) * min(max(fraction, 0), 1))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: room - filled)
        return "\(stage)\(padding)[\(bar)] \(numbers)"
    }

    /// `1:02` or `1:02:03`.
    private static func clock(_ elapsed: Duration) -> String {
        elapsed < .seconds(3600)
            ? elapsed.formatted(.time(pattern: .minuteSecond)) : elapsed.formatted(.time(pattern: .hourMinuteSecond))
    }
}
