import Compute

/// Fits a head of one kind to some of the images: what every fold and the final fit have in common.
struct HeadFit {
    let kind: HeadTraining.Kind
    let classWeights: ClassWeights
    let standardizes: Bool
    let seed: UInt64
    let data: ImageVariants
    let pool: ComputePool?

    /// What a fit to some images reads; made once for several strengths of the penalty.
    struct Material {
        fileprivate let images: [Int]
        /// All variants of them; `nil` for a perceptron, which splits the images first.
        fileprivate let samples: LabelledFeatures?
    }

    /// Whether there is one optimum, which any start leads to.
    var isConvex: Bool { if case .logistic = kind { true } else { false } }

    func material(_ images: [Int]) throws -> Material {
        Material(images: images, samples: isConvex ? try data.all(of: images, pool: pool) : nil)
    }

    /// A head and how its fit went.
    func fit(
        _ material: Material, l2: Double, startingFrom start: Classifier? = nil, progress: ProgressSpan,
        reportingLoss: Bool = false
    ) throws -> (classifier: Classifier, report: FitReport) {
        switch kind {
        case .logistic(let solver):
            return try logistic(
                solver, material, l2: l2, startingFrom: start,
                observer: progress.fitObserver(reportingLoss: reportingLoss))
        case .perceptron(let settings):
            guard let split = data.earlyStoppingSplit(material.images, seed: seed) else {
                return try perceptron(
                    settings, material.images, l2: l2, observer: progress.fitObserver(reportingLoss: reportingLoss))
            }
            let spans = progress.split([1, 1])
            let early = try perceptron(
                settings, split.training, validation: split.validation, l2: l2, observer: spans[0].fitObserver())
            // Again on all of the images, for as long as was best by those that told when to stop.
            var again = settings
            again.maximumEpochs = max(early.report.losses.count - 1, 1)
            return try perceptron(
                again, material.images, l2: l2, observer: spans[1].fitObserver(reportingLoss: reportingLoss))
        }
    }

    /// A head that is as good as the other's for choosing by, in a half to a third of the time: a tolerance of 1e-4 changed
    /// held-out log-losses of embeddings by less than 1e-4.
    func fitForSelection(
        _ material: Material, l2: Double, startingFrom start: Classifier?, progress: ProgressSpan
    ) throws -> Classifier {
        let observer = progress.fitObserver()
        switch kind {
        case .logistic(.lbfgs(let tolerance, let iterations)):
            let solver = LogisticRegression.Solver.lbfgs(
                tolerance: max(tolerance, 1e-4), maximumIterations: iterations)
            return try logistic(solver, material, l2: l2, startingFrom: start, observer: observer).classifier
        case .logistic(let solver):
            return try logistic(solver, material, l2: l2, startingFrom: start, observer: observer).classifier
        case .perceptron(let settings):
            let split = data.earlyStoppingSplit(material.images, seed: seed)
            return try perceptron(
                settings, split?.training ?? material.images, validation: split?.validation, l2: l2, observer: observer
            ).classifier
        }
    }

    /// The logits of images as they came: finite numbers.
    ///
    /// - Throws: `LearningError.diverged` where they are not: weights may be finite and their products with features not.
    func logits(_ classifier: Classifier, of images: [Int], l2: Double) throws -> ClassScores {
        guard !images.isEmpty else { return try ClassScores([], classes: data.classes) }
        return try logits(classifier, data.features(of: images, pool: pool), l2: l2)
    }

    /// The same of samples.
    func logits(_ classifier: Classifier, _ features: FeatureMatrix, l2: Double) throws -> ClassScores {
        let logits = try classifier.logits(features, pool: pool)
        guard logits.values.allSatisfy(\.isFinite) else {
            let divergence: Divergence =
                switch kind {
                case .logistic(.gradientDescent(let stepSize?, _)): .stepSize(stepSize)
                case .logistic: .penaltyTooWeak(l2: l2)
                case .perceptron(let settings): .learningRate(settings.learningRate)
                }
            throw LearningError.diverged(divergence)
        }
        return logits
    }

    private func logistic(
        _ solver: LogisticRegression.Solver, _ material: Material, l2: Double, startingFrom start: Classifier?,
        observer: @escaping FitObserver
    ) throws -> (classifier: Classifier, report: FitReport) {
        let regression = LogisticRegression(
            l2: l2, classWeights: classWeights, standardizes: standardizes, solver: solver)
        var head: LinearHead?
        // Descent of a fixed length would end elsewhere from another start than zero.
        if case .logistic(let linear) = start, case .lbfgs = solver { head = linear }
        let samples = try material.samples ?? data.all(of: material.images, pool: pool)
        let (fitted, report) = try regression.fit(samples, startingFrom: head, pool: pool, observer: observer)
        return (.logistic(fitted), report)
    }

    private func perceptron(
        _ settings: PerceptronTraining, _ images: [Int], validation: [Int]? = nil, l2: Double,
        observer: @escaping FitObserver
    ) throws -> (classifier: Classifier, report: FitReport) {
        var training = settings
        training.l2 = l2
        training.seed = seed
        training.classWeights = classWeights
        training.standardizes = standardizes
        let (fitted, report) = try training.fit(
            data.all(of: images, pool: pool),
            validation: validation.map { try data.originals(of: $0, pool: pool) }, pool: pool, observer: observer)
        return (.perceptron(fitted), report)
    }
}
