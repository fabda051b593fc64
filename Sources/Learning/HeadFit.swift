import Compute

/// Fits a head of one kind to some of the images: what every fold and the final fit have in common.
struct HeadFit {
    let kind: HeadTraining.Kind
    let classWeights: ClassWeights
    let standardizes: Bool
    let seed: UInt64
    let data: ImageVariants
    let pool: ComputePool?

    /// What a fit to some images reads; made once for several strengths.
    struct Material {
        let training: LabelledFeatures
    }

    func material(_ images: [Int]) throws -> Material {
        Material(training: try data.all(of: images, pool: pool))
    }

    /// - Parameter start: a classifier that saw none of the images which this one will be evaluated on.
    func fit(
        _ material: Material, l2: Double, startingFrom start: Classifier? = nil, observer: @escaping FitObserver
    ) throws -> (classifier: Classifier, report: FitReport) {
        switch kind {
        case .logistic(let solver):
            let regression = LogisticRegression(
                l2: l2, classWeights: classWeights, standardizes: standardizes, solver: solver)
            var head: LinearHead?
            // Descent of a fixed length would end elsewhere from another start.
            if case .logistic(let linear) = start, case .lbfgs = solver { head = linear }
            let (fitted, report) = try regression.fit(
                material.training, startingFrom: head, pool: pool, observer: observer)
            return (.logistic(fitted), report)
        }
    }

    /// The logits of images as they came.
    func logits(_ classifier: Classifier, of images: [Int]) throws -> ClassScores {
        guard !images.isEmpty else { return try ClassScores([], classes: data.classes) }
        return try classifier.logits(data.features(of: images, pool: pool), pool: pool)
    }
}
