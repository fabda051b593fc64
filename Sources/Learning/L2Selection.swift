import Compute

/// The strength of the penalty by stratified cross-validation, and the logits that its folds gave the images they held out.
struct L2Selection {
    let l2: Double
    /// Of all images but a class's only one, at the strength chosen.
    let heldOut: HeldOutLogits
    /// Fitted to a part of the images: a start for the fit to all of them.
    let start: Classifier?

    static let folds = 5
    /// Beyond this many images a stratified subset of as many chooses. λ stands for a prior on the weights, which does not
    /// depend on the number of images: the losses are summed, not averaged.
    static let largestSelection = 10_000

    /// - Parameters:
    ///   - fixed: the one strength to take, where it is given: then only the logits are of interest.
    init(_ fit: HeadFit, images: [Int], fixed: Double?, seed: UInt64, progress: ProgressSpan) throws {
        let data = fit.data
        let subset =
            images.count > Self.largestSelection
            ? data.subset(images, fraction: Double(Self.largestSelection) / Double(images.count), seed: seed) : images
        let grid = fixed == nil ? try Self.grid(fit, subset) : nil
        let count = min(Self.folds, data.largestClass(images))
        guard count > 1 else {
            (l2, heldOut, start) = (fixed ?? grid?.usual ?? 1, HeldOutLogits(classes: data.classes), nil)
            return
        }
        let path = RegularizationPath(
            fit: fit, images: subset, folds: data.folds(images, count: count, seed: seed))
        let refits = subset.count < images.count && fit.isConvex
        let spans = progress.split([
            grid == nil && refits ? 0 : Double(subset.count * (grid == nil ? 1 : 4)), refits ? Double(images.count) : 0,
        ])
        var point: RegularizationPath.Point
        if let grid {
            point = try path.best(of: grid, progress: spans[0])
        } else {
            point = RegularizationPath.Point(l2: fixed ?? 1, heldOut: HeldOutLogits(classes: data.classes), classifiers: [])
            if !refits { point = try path.point(point.l2, progress: spans[0]) }
        }
        if refits {
            point = try path.fitting(images).point(point.l2, startingFrom: point.classifiers, progress: spans[1])
        }
        (l2, heldOut, start) = (point.l2, point.heldOut, point.classifiers.first)
    }

    private static func grid(_ fit: HeadFit, _ images: [Int]) throws -> L2Grid {
        let features = fit.data.samples.features.features
        if fit.standardizes { return L2Grid(totalVariance: Double(features)) }
        let distances = try fit.data.features(of: images, pool: fit.pool).squaredDistancesFromMean(pool: fit.pool)
        return L2Grid(totalVariance: distances.reduce(0, +) / Double(images.count))
    }
}
