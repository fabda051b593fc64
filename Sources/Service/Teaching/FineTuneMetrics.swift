import Foundation
import Learning

/// What a job found, as `metrics` of the job and of its head: in JSON, with names in snake_case.
struct FineTuneMetrics: Encodable {
    struct Validation: Encodable {
        struct PerClass: Encodable {
            let precision: Double
            let recall: Double
            let f1: Double
            let images: Int
        }

        struct Uncalibrated: Encodable {
            let logLoss: Double
            let ece: Double
        }

        /// `hold-out` or `cross-validation`.
        let method: String
        let folds: Int?
        let trainingImages: Int
        let images: Int
        let accuracy: Double
        let balancedAccuracy: Double
        /// By label.
        let perClass: [String: PerClass]
        /// `[truth][prediction]`, in the order of `labels`.
        let confusion: [[Int]]
        let logLoss: Double
        /// The expected calibration error.
        let ece: Double
        /// Before the temperature.
        let uncalibrated: Uncalibrated
    }

    struct LearningCurvePoint: Encodable {
        let images: Int
        let accuracy: Double
        let logLoss: Double
    }

    struct Fit: Encodable {
        let l2: Double
        /// Cross-validation chose it.
        let l2Chosen: Bool
        let iterations: Int
        let converged: Bool
        let objective: Double
        let gradientNorm: Double
        /// What logits were divided by, so that probabilities are calibrated.
        let temperature: Double
    }

    struct Suspect: Encodable {
        let image: Int64
        let label: String
        let suggestedLabel: String
        let suggestedProbability: Double
        let givenProbability: Double
    }

    struct NearDuplicate: Encodable {
        let images: [Int64]
        let labels: [String]
        let similarity: Double
    }

    struct Seconds: Encodable {
        let embedding: Double
        let training: Double
    }

    let labels: [String]
    let images: Int
    /// Images that could not be used.
    let skippedImages: Int
    /// At each iteration of the final fit.
    let loss: [Double]
    let fit: Fit
    let validation: Validation
    let learningCurve: [LearningCurvePoint]
    /// The method that finds images of none of the classes.
    let novelty: String?
    let probablyMislabelled: [Suspect]
    let nearDuplicates: [NearDuplicate]
    let seconds: Seconds
}

extension FineTuneMetrics {
    init(_ trained: TrainedHead, _ lesson: Lesson, skipped: Int, embedding: Duration, training: Duration) {
        labels = lesson.classes
        images = lesson.images.count
        skippedImages = skipped
        loss = Array(trained.report.losses.prefix(JobProgress.lossLimit))
        fit = Fit(
            l2: trained.l2, l2Chosen: trained.l2WasChosen, iterations: max(0, trained.report.losses.count - 1),
            converged: trained.report.converged, objective: trained.report.objective,
            gradientNorm: trained.report.gradientNorm, temperature: trained.temperature)
        validation = Validation(trained.evaluation, labels: lesson.classes)
        learningCurve = trained.evaluation.learningCurve.map {
            LearningCurvePoint(images: $0.images, accuracy: $0.accuracy, logLoss: $0.logLoss)
        }
        novelty = trained.novelty?.method.rawValue
        probablyMislabelled = trained.suspects.map { suspect in
            Suspect(
                image: lesson.images[suspect.image].id, label: lesson.classes[suspect.label],
                suggestedLabel: lesson.classes[suspect.suggestion],
                suggestedProbability: suspect.suggestedProbability, givenProbability: suspect.givenProbability)
        }
        nearDuplicates = trained.nearDuplicates.map { pair in
            let images = [pair.image, pair.other].map { lesson.images[$0] }
            return NearDuplicate(
                images: images.map(\.id), labels: images.map(\.label), similarity: pair.similarity)
        }
        seconds = Seconds(embedding: embedding / .seconds(1), training: training / .seconds(1))
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A loss that overflowed is no number of JSON's.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try encoder.encode(self)
    }
}

extension FineTuneMetrics.Validation {
    fileprivate init(_ evaluation: Evaluation, labels: [String]) {
        switch evaluation.method {
        case .holdOut: (method, folds) = ("hold-out", nil)
        case .crossValidation(let count): (method, folds) = ("cross-validation", count)
        }
        let metrics = evaluation.metrics
        trainingImages = evaluation.trainingImages
        images = evaluation.validationImages
        accuracy = metrics.accuracy
        balancedAccuracy = metrics.balancedAccuracy
        perClass = Dictionary(
            uniqueKeysWithValues: zip(labels, metrics.perClass).map { label, metrics in
                (
                    label,
                    PerClass(
                        precision: metrics.precision, recall: metrics.recall, f1: metrics.f1, images: metrics.support)
                )
            })
        confusion = metrics.confusion
        logLoss = metrics.logLoss
        ece = metrics.expectedCalibrationError
        uncalibrated = Uncalibrated(
            logLoss: evaluation.uncalibrated.logLoss, ece: evaluation.uncalibrated.expectedCalibrationError)
    }
}
