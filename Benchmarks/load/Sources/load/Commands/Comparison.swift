/// Concurrent answers beside those to each image alone.
struct Comparison: Encodable, Sendable {
    private(set) var equal = 0
    /// Answers 200 that were another's, or wrong, by image.
    private(set) var mismatches: [String: Int] = [:]
    /// Other answers, by status.
    private(set) var refused: [String: Int] = [:]
    private(set) var losses: [String: Int] = [:]

    init() {}

    init(merging parts: [Comparison]) {
        for part in parts {
            equal += part.equal
            mismatches.merge(part.mismatches, uniquingKeysWith: +)
            refused.merge(part.refused, uniquingKeysWith: +)
            losses.merge(part.losses, uniquingKeysWith: +)
        }
    }

    /// - Parameter buffer: the bytes that the answer's content is a range of.
    mutating func add(
        _ outcome: Client.Outcome, in buffer: [UInt8], expected: [UInt8], file: String
    ) throws(LoadError) {
        switch outcome {
        case .lost(let loss): losses[loss.description, default: 0] += 1
        case .answer(let answer) where answer.status != 200: refused[String(answer.status), default: 0] += 1
        case .answer(let answer):
            if try ResultMember.find(in: buffer[answer.content]).elementsEqual(expected) {
                equal += 1
            } else {
                mismatches[file, default: 0] += 1
            }
        }
    }

    var summary: String {
        "\(equal) equal to the answer alone; mismatches \(countsText(mismatches)), refused \(countsText(refused)), "
            + "without an answer \(countsText(losses))"
    }
}
