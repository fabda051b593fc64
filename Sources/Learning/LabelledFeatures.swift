import Compute

/// Samples to learn from: features, and the class of each.
public struct LabelledFeatures: Sendable {
    public let features: FeatureMatrix
    /// Of each sample, an index into ``classes``.
    public let labels: [Int]
    /// At least two, each with a sample.
    public let classes: [String]

    /// - Throws: `LearningError` where labels and samples differ in number, a label is no class's index, there are fewer than two
    ///   classes, or one has no sample.
    public init(features: FeatureMatrix, labels: [Int], classes: [String]) throws(LearningError) {
        guard labels.count == features.count else {
            throw .sizeMismatch(what: "labels", expected: features.count, found: labels.count)
        }
        guard classes.count >= 2 else { throw .tooFewClasses(found: classes.count) }
        var counts = [Int](repeating: 0, count: classes.count)
        for (sample, label) in labels.enumerated() {
            guard classes.indices.contains(label) else {
                throw .labelOutOfRange(sample: sample, label: label, classes: classes.count)
            }
            counts[label] += 1
        }
        if let empty = counts.firstIndex(of: 0) { throw .emptyClass(name: classes[empty]) }
        self.features = features
        self.labels = labels
        self.classes = classes
    }

    /// Samples of each class.
    public var classCounts: [Int] {
        labels.reduce(into: Array(repeating: 0, count: classes.count)) { $0[$1] += 1 }
    }

    /// A copy of these samples, in this order. Throws where a class would be left without one.
    public func selecting(_ samples: [Int], pool: ComputePool?) throws -> LabelledFeatures {
        let selected = try features.selecting(samples, pool: pool)
        return try LabelledFeatures(features: selected, labels: samples.map { labels[$0] }, classes: classes)
    }
}
