import Compute
import Learning

/// What a head is trained on: images, their features and the classes.
struct Lesson: Sendable {
    let images: [DatasetImage]
    /// In the order of their UTF-8 bytes.
    let classes: [String]
    /// Of each image, an index into ``classes``.
    let labels: [Int]
    /// For each view `[images, features]`.
    private let vectors: [[Float]]

    /// - Throws: ``TeachingError/tooFewClasses(found:)``, ``TeachingError/tooFewImages(label:found:)``.
    init(_ features: DatasetFeatures) throws(TeachingError) {
        images = features.images
        vectors = features.vectors
        let counts = Dictionary(grouping: images, by: \.label).mapValues(\.count)
        classes = counts.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try TeachingError.check(counts)
        let index = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        labels = images.map { index[$0.label, default: 0] }
    }

    func count(of label: Int) -> Int { labels.count { $0 == label } }

    /// All views of the first, then of the second, …: row v · images + i is view v of image i.
    func labelledFeatures(dimensions: Int, pool: ComputePool?) throws -> LabelledFeatures {
        let values = vectors.count == 1 ? vectors[0] : Array(vectors.joined())
        let features = try FeatureMatrix(
            values, count: images.count * vectors.count, features: dimensions, pool: pool)
        return try LabelledFeatures(
            features: features, labels: vectors.flatMap { _ in labels }, classes: classes)
    }
}
