import Foundation

/// How well probabilities foretell the classes of images that a classifier has not seen. Definitions are scikit-learn's.
public struct ClassificationMetrics: Sendable, Equatable {
    /// Of one class.
    public struct PerClass: Sendable, Equatable {
        /// Of the images said to be of the class, the part that is; 0 where none is said to be.
        public let precision: Double
        /// Of the images of the class, the part that is said to be; 0 where there are none.
        public let recall: Double
        /// The harmonic mean of the two; 0 where both are.
        public let f1: Double
        /// Images of the class.
        public let support: Int
    }

    public let accuracy: Double
    /// The mean recall of the classes that have images.
    public let balancedAccuracy: Double
    public let perClass: [PerClass]
    /// `[truth][prediction]`: images.
    public let confusion: [[Int]]
    /// The mean of −log p(label), p clipped to [ε, 1 − ε], ε = 2⁻²³, as `log_loss` does with float32.
    public let logLoss: Double
    /// Σ over 15 bins of equal width of n_b/n · |accuracy_b − mean confidence_b|: Guo et al., "On Calibration of Modern Neural
    /// Networks", 2017, eq. 3.
    public let expectedCalibrationError: Double

    /// - Parameters:
    ///   - probabilities: `[images, classes]`.
    ///   - labels: of each image, the class.
    /// - Throws: `LearningError` where the two differ in size, a label is no class, a probability is not finite, or there are no
    ///   images.
    public init(probabilities: ClassScores, labels: [Int]) throws(LearningError) {
        try probabilities.check(labels: labels)
        let classes = probabilities.classes
        let predictions = probabilities.predictions
        var confusion = [[Int]](repeating: Array(repeating: 0, count: classes), count: classes)
        for (label, prediction) in zip(labels, predictions) { confusion[label][prediction] += 1 }
        let correct = (0..<classes).reduce(0) { $0 + confusion[$1][$1] }
        perClass = (0..<classes).map { index in
            let hits = Double(confusion[index][index])
            let predicted = confusion.reduce(0) { $0 + $1[index] }
            let support = confusion[index].reduce(0, +)
            return PerClass(
                precision: predicted > 0 ? hits / Double(predicted) : 0,
                recall: support > 0 ? hits / Double(support) : 0,
                f1: predicted + support > 0 ? 2 * hits / Double(predicted + support) : 0, support: support)
        }
        accuracy = Double(correct) / Double(labels.count)
        let present = perClass.filter { $0.support > 0 }
        balancedAccuracy = present.reduce(0) { $0 + $1.recall } / Double(present.count)
        self.confusion = confusion
        logLoss = Self.logLoss(probabilities, labels)
        expectedCalibrationError = Self.calibrationError(probabilities, labels, predictions)
    }

    private static func logLoss(_ probabilities: ClassScores, _ labels: [Int]) -> Double {
        let epsilon = Double(Float.ulpOfOne)
        let sum = labels.enumerated().reduce(0.0) { sum, sample in
            sum - log(min(max(Double(probabilities[sample.offset, sample.element]), epsilon), 1 - epsilon))
        }
        return sum / Double(labels.count)
    }

    private static func calibrationError(
        _ probabilities: ClassScores, _ labels: [Int], _ predictions: [Int]
    ) -> Double {
        let bins = 15
        var gaps = [Double](repeating: 0, count: bins)
        for (sample, prediction) in predictions.enumerated() {
            let confidence = Double(probabilities[sample, prediction])
            let bin = Int(min(max((confidence * Double(bins)).rounded(.up) - 1, 0), Double(bins - 1)))
            gaps[bin] += (prediction == labels[sample] ? 1 : 0) - confidence
        }
        return gaps.reduce(0) { $0 + abs($1) } / Double(labels.count)
    }
}

extension ClassScores {
    /// Throws unless there is a label in `0..<classes` for each sample, at least one sample, and all scores are finite.
    func check(labels: [Int]) throws(LearningError) {
        guard labels.count == samples else {
            throw .sizeMismatch(what: "labels", expected: samples, found: labels.count)
        }
        guard samples > 0 else { throw .tooFewSamples(what: "an evaluation", expected: 1, found: 0) }
        for (sample, label) in labels.enumerated() where !(0..<classes).contains(label) {
            throw .labelOutOfRange(sample: sample, label: label, classes: classes)
        }
        if let index = values.firstIndex(where: { !$0.isFinite }) { throw .scoreNotFinite(sample: index / classes) }
    }

    func divided(by temperature: Double) throws(LearningError) -> ClassScores {
        try ClassScores(values.map { Float(Double($0) / temperature) }, classes: classes)
    }
}
