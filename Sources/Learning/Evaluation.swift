/// How a head does on images that it, its L2 strength, its temperature and its standardisation have not seen.
public struct Evaluation: Sendable, Equatable {
    public enum Method: Sendable, Equatable {
        /// A part of each class was held out once.
        case holdOut
        /// Each image was held out once, by one of these folds.
        case crossValidation(folds: Int)
    }

    /// What was measured before the temperature was applied.
    public struct Uncalibrated: Sendable, Equatable {
        public let logLoss: Double
        public let expectedCalibrationError: Double
    }

    /// What fewer images would have taught, measured on the same held-out images, without temperature.
    public struct LearningCurvePoint: Sendable, Equatable {
        /// Images to train on; with cross-validation the mean of the folds, rounded.
        public let images: Int
        public let accuracy: Double
        public let logLoss: Double
    }

    public let method: Method
    /// Images that the evaluated head was fitted to; with cross-validation the mean of the folds, rounded.
    public let trainingImages: Int
    /// Images that it was evaluated on.
    public let validationImages: Int
    /// Of probabilities with the temperature.
    public let metrics: ClassificationMetrics
    public let uncalibrated: Uncalibrated
    /// By growing numbers of images; the last is the evaluated head's.
    public let learningCurve: [LearningCurvePoint]
}
