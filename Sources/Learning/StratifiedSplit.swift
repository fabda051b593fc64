/// Splits of labelled images in which each part has its share of every class.
///
/// The same seed gives the same split on every machine. Indices come in ascending order.
public enum StratifiedSplit {
    /// Holds out a part of each class, rounded to whole images; one image of each class is always left to train on.
    ///
    /// - Parameters:
    ///   - labels: of each image, in `0..<classes`.
    ///   - validation: the part to hold out, in 0 ..< 1.
    public static func holdOut(
        labels: [Int], classes: Int, validation: Double, seed: UInt64
    ) -> (training: [Int], validation: [Int]) {
        var training: [Int] = []
        var heldOut: [Int] = []
        for images in shuffled(labels: labels, classes: classes, seed: seed) where !images.isEmpty {
            let count = min(max(0, Int((validation * Double(images.count)).rounded())), images.count - 1)
            heldOut += images.prefix(count)
            training += images.dropFirst(count)
        }
        return (training.sorted(), heldOut.sorted())
    }

    /// The images that each of `count` folds holds out. Folds, and each class's parts in them, differ in size by at most one.
    ///
    /// A class with fewer images than folds is held out by some folds only. A class's only image is held out by none: what
    /// is left to train on has every class, always.
    public static func folds(labels: [Int], classes: Int, count: Int, seed: UInt64) -> [[Int]] {
        var folds = [[Int]](repeating: [], count: max(count, 1))
        var next = 0
        for images in shuffled(labels: labels, classes: classes, seed: seed) where images.count > 1 {
            for image in images {
                folds[next % folds.count].append(image)
                next += 1
            }
        }
        return folds.map { $0.sorted() }
    }

    /// A part of each class, rounded, but at least one image. For one seed, smaller subsets lie within larger ones.
    public static func subset(labels: [Int], classes: Int, fraction: Double, seed: UInt64) -> [Int] {
        shuffled(labels: labels, classes: classes, seed: seed).flatMap { images in
            images.prefix(max(1, Int((fraction * Double(images.count)).rounded())))
        }.sorted()
    }

    private static func shuffled(labels: [Int], classes: Int, seed: UInt64) -> [[Int]] {
        var images = [[Int]](repeating: [], count: classes)
        for (image, label) in labels.enumerated() { images[label].append(image) }
        var random = SplitMix64(seed: seed)
        return images.map { images in random.permutation(images.count).map { images[$0] } }
    }
}
