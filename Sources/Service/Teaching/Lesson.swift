import Compute
import Learning

/// What a head is trained on: images, their features and the classes.
struct Lesson: Sendable {
    let images: [DatasetImage]
    /// In the order of their UTF-8 bytes.
    let classes: [String]
    /// Of each image, an index into ``classes``.
    let labels: [Int]
    /// For each view, the vectors of all images.
    private let vectors: [[[Float]]]

    /// - Throws: ``TeachingError/tooFewClasses(found:)``, ``TeachingError/tooFewImages(label:found:)``.
    init(_ samples: [DatasetFeatures.Sample], views: Int) throws(TeachingError) {
        images = samples.map(\.image)
        let counts = Dictionary(grouping: images, by: \.label).mapValues(\.count)
        classes = counts.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard classes.count >= 2 else { throw .tooFewClasses(found: classes) }
        for label in classes {
            let count = counts[label, default: 0]
            guard count >= 2 else { throw .tooFewImages(label: label, found: count) }
        }
        let index = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        labels = images.map { index[$0.label, default: 0] }
        vectors = (0..<views).map { view in samples.map { $0.vectors[view] } }
    }

    func count(of label: Int) -> Int { labels.count { $0 == label } }

    /// All views of the first, then of the second, …: row v · images + i is view v of image i.
    func labelledFeatures(dimensions: Int, pool: ComputePool?) throws -> LabelledFeatures {
        let count = images.count
        let features = try FeatureMatrix(count: count * vectors.count, features: dimensions, pool: pool) {
            row, target in
            _ = target.update(fromContentsOf: vectors[row / count][row % count])
        }
        return try LabelledFeatures(
            features: features, labels: vectors.flatMap { _ in labels }, classes: classes)
    }
}
