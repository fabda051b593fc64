import Foundation
import Learning

/// What a job found, as `metrics` of the job and of its head: in JSON, with names in snake_case.
public struct FineTuneMetrics: Codable, Sendable {
    public struct Validation: Codable, Sendable {
        public struct PerClass: Codable, Sendable {
            public let precision: Double
            public let recall: Double
            public let f1: Double
            public let images: Int
        }

        public struct Uncalibrated: Codable, Sendable {
            public let logLoss: Double
            public let ece: Double
        }

        /// `hold-out` or `cross-validation`.
        public let method: String
        public let folds: Int?
        public let trainingImages: Int
        public let images: Int
        public let accuracy: Double
        public let balancedAccuracy: Double
        /// By label.
        public let perClass: [String: PerClass]
        /// `[truth][prediction]`, in the order of `labels`.
        public let confusion: [[Int]]
        public let logLoss: Double
        /// The expected calibration error.
        public let ece: Double
        /// Before the temperature.
        public let uncalibrated: Uncalibrated
    }

    public struct LearningCurvePoint: Codable, Sendable {
        public let images: Int
        public let accuracy: Double
        public let logLoss: Double
    }

    public struct Fit: Codable, Sendable {
        public let l2: Double
        /// Cross-validation chose it.
        public let l2Chosen: Bool
        public let iterations: Int
        public let converged: Bool
        public let objective: Double
        public let gradientNorm: Double
        /// What logits were divided by, so that probabilities are calibrated.
        public let temperature: Double
    }

    public struct Suspect: Codable, Sendable {
        public let image: Int64
        public let label: String
        public let suggestedLabel: String
        public let suggestedProbability: Double
        public let givenProbability: Double
    }

    public struct NearDuplicate: Codable, Sendable {
        public let images: [Int64]
        public let labels: [String]
        public let similarity: Double
    }

    public struct Seconds: Codable, Sendable {
        public let embedding: Double
        public let training: Double
    }

    public let labels: [String]
    public let images: Int
    /// Images that could not be used.
    public let skippedImages: Int
    /// At each iteration of the final fit.
    public let loss: [Double]
    public let fit: Fit
    public let validation: Validation
    public let learningCurve: [LearningCurvePoint]
    /// The method that finds images of none of the classes.
    public let novelty: String?
    public let probablyMislabelled: [Suspect]
    public let nearDuplicates: [NearDuplicate]
    public let seconds: Seconds
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

    /// `nil` where `json` is nothing that a job wrote: the metrics of an imported head may say anything.
    public init?(_ json: Data?) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let json, let metrics = try? decoder.decode(Self.self, from: json) else { return nil }
        self = metrics
    }

    /// - Throws: `EncodingError` where a number is not finite, which JSON does not have; `HeadTraining` gives none.
    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
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
