import Compute

/// The strength of the penalty by stratified cross-validation, and the logits that its folds gave the images they held out.
struct L2Selection {
    let l2: Double
    /// Of all images but a class's only one, at the strength chosen.
    let heldOut: HeldOutLogits
    /// Fitted to a part of the images: a start for the fit to all of them.
    let start: Classifier?

    /// A perceptron's strength is not chosen, and three folds do for its temperature.
    private static func folds(_ fit: HeadFit) -> Int { fit.isConvex ? 5 : 3 }
    /// Beyond this many images a stratified subset of as many chooses. λ stands for a prior on the weights, which does not
    /// depend on the number of images: the losses are summed, not averaged.
    static let largestSelection = 10_000

    /// - Parameters:
    ///   - fixed: the one strength to take, where it is given: then only the logits are of interest.
    ///   - largest: the size of the subset.
    init(
        _ fit: HeadFit, images: [Int], fixed: Double?, seed: UInt64, largest: Int = largestSelection,
        progress: ProgressSpan
    ) throws {
        let data = fit.data
        let count = min(Self.folds(fit), data.largestClass(images))
        guard count > 1 else {
            l2 = try fixed ?? Self.grid(fit, images).usual
            (heldOut, start) = (HeldOutLogits(classes: data.classes), nil)
            return
        }
        let folds = data.folds(images, count: count, seed: seed)
        let subset =
            images.count > largest
            ? Self.subset(data, images, folds, fraction: Double(largest) / Double(images.count), seed: seed) : images
        let grid = fixed == nil ? try Self.grid(fit, subset) : nil
        let path = RegularizationPath(fit: fit, images: subset, folds: folds)
        let spans = progress.split([grid == nil ? 0 : Self.pathCost(images.count), 4 * Double(images.count)])
        let chosen = try grid.flatMap { try path.best(of: $0, progress: spans[0]) }
        if let chosen, subset.count == images.count {
            (l2, heldOut, start) = (chosen.l2, chosen.heldOut, chosen.classifiers.first)
            return
        }
        // Once more with all images, since how sure heads are depends on how many they saw; but a perceptron takes long.
        let point = try path.fitting(fit.isConvex ? images : subset).point(
            chosen?.l2 ?? fixed ?? 1, startingFrom: chosen?.classifiers ?? [], progress: spans[1])
        (l2, heldOut, start) = (point.l2, point.heldOut, point.classifiers.first)
    }

    /// How long this takes, measured in images times fits.
    static func cost(_ images: Int, fixed: Double?) -> Double {
        if fixed != nil { return 4 * Double(images) }
        return pathCost(images) + (images > largestSelection ? 4 * Double(images) : 0)
    }

    /// Five folds of four fifths of the images, at four strengths or so.
    private static func pathCost(_ images: Int) -> Double { 16 * Double(min(images, largestSelection)) }

    /// A part of each class in each fold, so that no fold is left without a class by those that the others hold out.
    private static func subset(
        _ data: ImageVariants, _ images: [Int], _ folds: [[Int]], fraction: Double, seed: UInt64
    ) -> [Int] {
        let heldOut = Set(folds.joined())
        let parts = folds.flatMap { data.subset($0, fraction: fraction, seed: seed) }
        return (images.filter { !heldOut.contains($0) } + parts).sorted()
    }

    private static func grid(_ fit: HeadFit, _ images: [Int]) throws -> L2Grid {
        let features = fit.data.samples.features.features
        if fit.standardizes { return L2Grid(totalVariance: Double(features)) }
        let distances = try fit.data.features(of: images, pool: fit.pool).squaredDistancesFromMean(pool: fit.pool)
        return L2Grid(totalVariance: distances.reduce(0, +) / Double(images.count))
    }
}
