import Learning

/// A version of a head that is in memory and answers.
public struct ServedHead: Sendable {
    public let reference: HeadReference
    public let provenance: HeadProvenance
    let classifier: Classifier
    let novelty: NoveltyDetector?

    public var labels: [String] { classifier.classes }

    /// What the head says of images.
    ///
    /// - Parameter features: one vector an image, as the network below gives them.
    /// - Throws: `LearningError` where a vector does not have as many numbers as the head takes; ``HeadOverflow``.
    func answers(for features: [[Float]]) throws -> [HeadAnswer] {
        guard !features.isEmpty else { return [] }
        let values = Array(features.joined())
        let logits = try classifier.logits(values, pool: nil)
        let scores = try novelty?.scores(values, logits: logits, pool: nil)
        return try features.indices.map { index in
            let probabilities = softmax(logits[index])
            guard probabilities.allSatisfy(\.isFinite) else { throw HeadOverflow() }
            return HeadAnswer(
                probabilities: probabilities,
                novelty: scores.map { Novelty(detected: $0[index]) })
        }
    }
}

/// A head's weights and an image's features are so large that their products are no numbers any more.
struct HeadOverflow: Error, CustomStringConvertible {
    var description: String {
        "its weights times an image's features are beyond float32's range; train it again, or promote another version"
    }
}

/// What a head says of one image.
struct HeadAnswer {
    let probabilities: [Float]
    let novelty: Novelty?
}

/// Which version of which head answered.
public struct HeadReference: Hashable, Sendable {
    public let name: String
    public let version: Int

    public init(name: String, version: Int) {
        self.name = name
        self.version = version
    }
}

/// How much an image is unlike what a head was taught.
public struct Novelty: Sendable, Equatable {
    /// Higher is more unlike; 1 is the border.
    public let score: Float
    /// Whether the score is at most 1, as it is for 95 % of images of the taught classes.
    public let isKnown: Bool

    public init(score: Float, isKnown: Bool) {
        self.score = score
        self.isKnown = isKnown
    }

    /// Of a detector whose scores are above 1 for what is unlike.
    init(detected score: Float) { self.init(score: score, isKnown: score <= 1) }
}
