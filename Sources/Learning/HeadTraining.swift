import Compute

/// Trains a head on features, evaluates it honestly, calibrates it and looks for doubtful images.
///
/// What is reported about a head, comes from heads that were fitted in the same way without the images that they are evaluated
/// on: neither the weights nor λ, the temperature or the standardisation have seen them. The head that is returned is fitted to
/// all images.
///
/// The same seed gives the same result, bit for bit, with any number of threads.
public struct HeadTraining: Sendable {
    public enum Kind: Sendable {
        case logistic(solver: LogisticRegression.Solver = .lbfgs())
        /// Its strength, class weights, seed and standardisation are replaced by those below; the strength where it is given.
        case perceptron(PerceptronTraining)
    }

    public var kind: Kind
    /// λ; `nil` to choose it by stratified cross-validation (a perceptron's is not chosen: early stopping does its work).
    public var l2: Double?
    public var classWeights: ClassWeights
    public var standardizes: Bool
    /// The part of the images to evaluate on. Where they are too few for that, or it is 0, every image is evaluated on once, by
    /// cross-validation in five folds.
    public var validation: Double
    public var seed: UInt64
    /// What tells images of none of the classes; `nil` for nothing.
    public var noveltyMethod: NoveltyDetector.Method?

    public init(
        kind: Kind = .logistic(), l2: Double? = nil, classWeights: ClassWeights = .uniform, standardizes: Bool = true,
        validation: Double = 0.2, seed: UInt64 = 0, noveltyMethod: NoveltyDetector.Method? = nil
    ) {
        self.kind = kind
        self.l2 = l2
        self.classWeights = classWeights
        self.standardizes = standardizes
        self.validation = validation
        self.seed = seed
        self.noveltyMethod = noveltyMethod
    }

    /// - Parameters:
    ///   - samples: `[images × variants, features]`; row v·images + i is variant v of image i, 0 being the image as it came. All
    ///     variants are trained on, on the image's side of every split; only variant 0 is evaluated on.
    ///   - images: their number; a divisor of the rows'.
    ///   - observer: called after every iteration of every fit; what it throws ends the training and is thrown by it.
    /// - Returns: a head whose weights, and logits of all images, are finite.
    /// - Throws: `LearningError` where a setting is out of range, a fit diverges (``Divergence`` names the setting), or there is
    ///   nothing to evaluate on: no class has two images.
    public func run(
        _ samples: LabelledFeatures, images: Int, pool: ComputePool?,
        observer: (TrainingProgress) throws -> Void = { _ in }
    ) throws -> TrainedHead {
        try LearningError.check(
            validation >= 0 && validation < 1, "the validation part", "at least 0 and less than 1", validation)
        if let l2 { try LearningError.check(l2 >= 0 && l2.isFinite, "the L2 strength", "at least 0", l2) }
        let data = try ImageVariants(samples, images: images)
        let fit = HeadFit(
            kind: kind, classWeights: classWeights, standardizes: standardizes, seed: seed, data: data, pool: pool)
        let plan = try EvaluationPlan(data, validation: validation, seed: seed)
        return try withoutActuallyEscaping(observer) { observer in
            try run(fit, plan, progress: ProgressSpan(stage: .evaluating, range: 0...1, observer: observer))
        }
    }

    private func run(_ fit: HeadFit, _ plan: EvaluationPlan, progress: ProgressSpan) throws -> TrainedHead {
        let (data, pool) = (fit.data, fit.pool)
        let all = Array(0..<data.images)
        let count = Double(data.images)
        let selectionCost = L2Selection.cost(data.images, fixed: fixedL2)
        let evaluationCost = Double(plan.parts.count) * (selectionCost + 3 * count)
        let selectsAgain = plan.method != .holdOut && fixedL2 == nil
        let spans = progress.split([
            evaluationCost, selectsAgain ? selectionCost : 0, 2 * count, 0.2 * count, 0.2 * count,
        ])
        let evaluated = try HeadEvaluation(
            fit, plan: plan, l2: fixedL2, seed: seed,
            selecting: selectsAgain || fixedL2 != nil ? .evaluating : .selectingL2, progress: spans[0])
        let (l2, heldOut) = try selection(fit, evaluated, plan, progress: spans[1].at(.selectingL2))
        let temperature = try heldOut.temperature(labels: data.samples.labels)
        let (fitted, report) = try fit.fit(
            fit.material(all), l2: l2, progress: spans[2].at(.fitting), reportingLoss: true)

        let originals = try data.originals(of: all, pool: pool)
        let classifier = try fitted.dividingLogits(by: temperature)
        _ = try fit.logits(classifier, originals.features, l2: l2)
        let fittingNovelty = spans[3].at(.fittingNovelty)
        try fittingNovelty.report(0)
        let novelty = try noveltyMethod.map {
            try NoveltyDetector.fit(
                $0, originals, logits: noveltyLogits(fit, fitted, heldOut, temperature, l2: l2), seed: seed &+ 3,
                pool: pool
            ) { try fittingNovelty.report($0) }
        }
        let inspecting = spans[4].at(.inspecting)
        let duplicates = try NearDuplicatePair.find(
            originals.features, labels: data.labels, evaluated: plan.parts.flatMap(\.validation).sorted(),
            groups: plan.groups(images: data.images), seed: seed &+ 4, pool: pool, progress: inspecting)
        let suspects = try LabelSuspect.find(
            probabilities: heldOut.scores().softmax(temperature: temperature), labels: data.labels(of: heldOut.images)
        ).map { $0.of(image: heldOut.images[$0.image]) }
        try inspecting.report(1)
        return TrainedHead(
            classifier: classifier, temperature: temperature, l2: l2,
            l2WasChosen: fixedL2 == nil, report: report, evaluation: evaluated.evaluation, novelty: novelty,
            suspects: suspects, nearDuplicates: duplicates)
    }

    private var fixedL2: Double? {
        if case .perceptron(let training) = kind { l2 ?? training.l2 } else { l2 }
    }

    /// λ for all images, and each image's logits by a head that has not seen it.
    ///
    /// After a hold-out the images that were trained on have theirs from the folds that chose λ, the others from the evaluated
    /// head; λ would hardly be another for a quarter more images. After a cross-validation, whose folds chose λ each for itself,
    /// it is chosen once more; where it was given, the evaluated heads' logits serve.
    private func selection(
        _ fit: HeadFit, _ evaluated: HeadEvaluation, _ plan: EvaluationPlan, progress: ProgressSpan
    ) throws -> (l2: Double, heldOut: HeldOutLogits) {
        if plan.method == .holdOut, let selection = evaluated.selections.first {
            var heldOut = selection.heldOut
            heldOut.append(evaluated.heldOut)
            return (selection.l2, heldOut.sorted())
        }
        if let fixedL2 { return (fixedL2, evaluated.heldOut.sorted()) }
        let selection = try L2Selection(
            fit, images: Array(0..<fit.data.images), fixed: nil, seed: seed &+ 1, progress: progress)
        return (selection.l2, selection.heldOut.sorted())
    }

    /// Each image's logits, with temperature, by a head that has not seen it; a class's only image was never held out and has
    /// the final head's.
    private func noveltyLogits(
        _ fit: HeadFit, _ fitted: Classifier, _ heldOut: HeldOutLogits, _ temperature: Double,
        l2: Double
    ) throws -> ClassScores? {
        guard noveltyMethod == .energy else { return nil }
        let seen = Set(heldOut.images)
        let others = (0..<fit.data.images).filter { !seen.contains($0) }
        var logits = heldOut
        logits.append(try fit.logits(fitted, of: others, l2: l2), of: others)
        return try logits.sorted().scores().divided(by: temperature)
    }
}
