/// The heads of every fold for one strength of the penalty after another.
struct RegularizationPath {
    let fit: HeadFit
    /// Images to fit to, but for those that a fold holds out.
    let images: [Int]
    /// Images that each fold holds out; they may be more than ``images``.
    let folds: [[Int]]

    /// All folds at one strength.
    struct Point {
        let l2: Double
        let heldOut: HeldOutLogits
        /// One a fold.
        let classifiers: [Classifier]
    }

    /// The same folds, fitted to other images. A head of this path has seen nothing that a fold of that one holds out.
    func fitting(_ images: [Int]) -> RegularizationPath {
        RegularizationPath(fit: fit, images: images, folds: folds)
    }

    /// The strength with the least log-loss of held-out images, in sum with the prior's. Strengths are tried in the grid's order
    /// until that rises; one at which gradient descent diverges, as it may at the strong ones, is none to choose.
    ///
    /// - Throws: `LearningError.diverged` where it does at all.
    func best(of grid: L2Grid, progress: ProgressSpan) throws -> Point? {
        var best: (point: Point, loss: Double)?
        var materials: [HeadFit.Material] = []
        var divergence: LearningError?
        for (l2, span) in zip(grid.values, progress.split(grid.values.map { _ in 1 })) {
            let found: Point
            do {
                found = try point(l2, startingFrom: best?.point.classifiers ?? [], progress: span) { fold in
                    if fold == materials.count { materials.append(try material(folds[fold])) }
                    return materials[fold]
                }
            } catch let error as LearningError {
                guard case .diverged = error else { throw error }
                if let best { return best.point }
                divergence = error
                continue
            }
            let loss = try found.heldOut.totalLogLoss(labels: fit.data.samples.labels) + grid.penalty(l2)
            if let best, best.loss <= loss { return best.point }
            best = (found, loss)
        }
        if let divergence, best == nil { throw divergence }
        return best?.point
    }

    func point(_ l2: Double, startingFrom starts: [Classifier], progress: ProgressSpan) throws -> Point {
        try point(l2, startingFrom: starts, progress: progress) { try material(folds[$0]) }
    }

    private func point(
        _ l2: Double, startingFrom starts: [Classifier], progress: ProgressSpan,
        material: (Int) throws -> HeadFit.Material
    ) throws -> Point {
        var heldOut = HeldOutLogits(classes: fit.data.classes)
        var classifiers: [Classifier] = []
        for (fold, span) in zip(folds.indices, progress.split(folds.map { _ in 1 })) {
            let material = try material(fold)
            try span.report(0)
            let classifier = try fit.fitForSelection(
                material, l2: l2, startingFrom: starts.isEmpty ? nil : starts[fold], progress: span)
            heldOut.append(try fit.logits(classifier, of: folds[fold], l2: l2), of: folds[fold])
            classifiers.append(classifier)
        }
        return Point(l2: l2, heldOut: heldOut, classifiers: classifiers)
    }

    private func material(_ fold: [Int]) throws -> HeadFit.Material {
        let heldOut = Set(fold)
        return try fit.material(images.filter { !heldOut.contains($0) })
    }
}
