import Compute

/// Images and variants of them (flipped, cropped, …), all variants of an image having its label.
///
/// Row v·images + i is variant v of image i; variant 0 is the image as it came.
struct ImageVariants {
    let samples: LabelledFeatures
    let images: Int

    /// - Throws: `LearningError` where the rows are not whole variants of all images, or a variant's label is another than the
    ///   image's.
    init(_ samples: LabelledFeatures, images: Int) throws(LearningError) {
        let rows = samples.labels.count
        guard images > 0, rows.isMultiple(of: images) else {
            throw .sizeMismatch(
                what: "rows of whole variants of the images", expected: max(images, 1) * (rows / max(images, 1) + 1),
                found: rows)
        }
        for row in images..<max(rows, images) where samples.labels[row] != samples.labels[row % images] {
            throw .variantLabelDiffers(
                sample: row, expected: samples.labels[row % images], found: samples.labels[row])
        }
        self.samples = samples
        self.images = images
    }

    /// Of each image.
    var labels: [Int] { Array(samples.labels[..<images]) }
    var classes: Int { samples.classes.count }
    var variants: Int { samples.labels.count / images }

    func labels(of images: [Int]) -> [Int] { images.map { samples.labels[$0] } }

    /// All variants of these images.
    func all(of images: [Int], pool: ComputePool?) throws -> LabelledFeatures {
        if images.count == self.images { return samples }
        return try samples.selecting((0..<variants).flatMap { v in images.map { v * self.images + $0 } }, pool: pool)
    }

    /// These images as they came; throws where a class has none.
    func originals(of images: [Int], pool: ComputePool?) throws -> LabelledFeatures {
        if images.count == samples.labels.count { return samples }
        return try samples.selecting(images, pool: pool)
    }

    /// The features of these images as they came, whatever their classes.
    func features(of images: [Int], pool: ComputePool?) throws -> FeatureMatrix {
        try samples.features.selecting(images, pool: pool)
    }

    /// Splits of these images, as indices of images.
    func folds(_ images: [Int], count: Int, seed: UInt64) -> [[Int]] {
        StratifiedSplit.folds(labels: labels(of: images), classes: classes, count: count, seed: seed)
            .map { $0.map { images[$0] } }
    }

    /// See ``StratifiedSplit/subset(labels:classes:fraction:seed:)``.
    func subset(_ images: [Int], fraction: Double, seed: UInt64) -> [Int] {
        StratifiedSplit.subset(labels: labels(of: images), classes: classes, fraction: fraction, seed: seed)
            .map { images[$0] }
    }

    /// Holds out 15 % of these images to tell when to stop; `nil` where that would be fewer than ten. A class that has none among
    /// them lends one that is trained on as well.
    func earlyStoppingSplit(_ images: [Int], seed: UInt64) -> (training: [Int], validation: [Int])? {
        let labels = labels(of: images)
        let split = StratifiedSplit.holdOut(labels: labels, classes: classes, validation: 0.15, seed: seed)
        guard split.validation.count >= 10 else { return nil }
        let present = Set(split.validation.map { labels[$0] })
        let lent = (0..<classes).filter { !present.contains($0) }.compactMap { labels.firstIndex(of: $0) }
        return (split.training.map { images[$0] }, (split.validation + lent).map { images[$0] })
    }

    /// Images of the class that has the most of these.
    func largestClass(_ images: [Int]) -> Int {
        images.reduce(into: [Int](repeating: 0, count: classes)) { $0[samples.labels[$1]] += 1 }.max() ?? 0
    }
}
