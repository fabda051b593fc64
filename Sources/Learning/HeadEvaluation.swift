import Compute

/// Fits heads for a plan's parts and measures them.
struct HeadEvaluation {
    let evaluation: Evaluation
    /// What the parts' heads said of the images that they had not seen, before temperature.
    let heldOut: HeldOutLogits
    /// Of each part.
    let selections: [L2Selection]

    /// Of the images to train on. With all of them these are the learning curve.
    private static let fractions = [0.1, 0.25, 0.5]

    init(
        _ fit: HeadFit, plan: EvaluationPlan, l2: Double?, seed: UInt64, selecting: TrainingProgress.Stage,
        progress: ProgressSpan
    ) throws {
        let (data, classes) = (fit.data, fit.data.classes)
        var raw = HeldOutLogits(classes: classes)
        var calibrated = raw
        var curve = [HeldOutLogits](repeating: raw, count: Self.fractions.count)
        var curveImages = [Int](repeating: 0, count: Self.fractions.count)
        var selections: [L2Selection] = []
        for (part, span) in zip(plan.parts, progress.split(plan.parts.map { _ in 1 })) {
            let count = Double(part.training.count)
            let spans = span.split([L2Selection.cost(part.training.count, fixed: l2), 1.5 * count, 1.5 * count])
            let selection = try L2Selection(
                fit, images: part.training, fixed: l2, seed: seed &+ 1, progress: spans[0].at(selecting))
            let classifier = try Self.fit(
                fit, part.training, l2: selection.l2, startingFrom: selection.start, progress: spans[1])
            let logits = try fit.logits(classifier, of: part.validation, l2: selection.l2)
            raw.append(logits, of: part.validation)
            let temperature = try selection.heldOut.temperature(labels: data.samples.labels)
            calibrated.append(try logits.divided(by: temperature), of: part.validation)
            selections.append(selection)

            var start: Classifier?
            for (index, span) in zip(Self.fractions.indices, spans[2].split(Self.fractions)) {
                let subset = data.subset(part.training, fraction: Self.fractions[index], seed: seed &+ 2)
                let classifier = try Self.fit(fit, subset, l2: selection.l2, startingFrom: start, progress: span)
                curve[index].append(
                    try fit.logits(classifier, of: part.validation, l2: selection.l2), of: part.validation)
                curveImages[index] += subset.count
                start = classifier
            }
        }
        let labels = raw.images.map { data.samples.labels[$0] }
        func mean(_ sum: Int) -> Int { Int((Double(sum) / Double(plan.parts.count)).rounded()) }
        func point(_ logits: HeldOutLogits, images: Int) throws -> Evaluation.LearningCurvePoint {
            let metrics = try ClassificationMetrics(probabilities: logits.scores().softmax(), labels: labels)
            return .init(images: images, accuracy: metrics.accuracy, logLoss: metrics.logLoss)
        }
        let trainingImages = mean(plan.parts.reduce(0) { $0 + $1.training.count })
        let uncalibrated = try ClassificationMetrics(probabilities: raw.scores().softmax(), labels: labels)
        // Of a few images a tenth is no fewer than a quarter: one of each class.
        var points = try zip(curve, curveImages).map { try point($0, images: mean($1)) }
        points.append(try point(raw, images: trainingImages))
        evaluation = Evaluation(
            method: plan.method, trainingImages: trainingImages, validationImages: labels.count,
            metrics: try ClassificationMetrics(probabilities: calibrated.scores().softmax(), labels: labels),
            uncalibrated: .init(
                logLoss: uncalibrated.logLoss, expectedCalibrationError: uncalibrated.expectedCalibrationError),
            learningCurve: points.indices.dropLast().filter { points[$0].images < points[$0 + 1].images }.map {
                points[$0]
            }
                + points.suffix(1))
        heldOut = raw
        self.selections = selections
    }

    private static func fit(
        _ fit: HeadFit, _ images: [Int], l2: Double, startingFrom start: Classifier?, progress: ProgressSpan
    ) throws -> Classifier {
        let material = try fit.material(images)
        try progress.report(0)
        return try fit.fit(material, l2: l2, startingFrom: start, progress: progress).classifier
    }
}
