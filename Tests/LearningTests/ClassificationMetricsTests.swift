import Testing

@testable import Learning

struct ClassificationMetricsTests {
    @Test(arguments: 0..<3) func `Figures are scikit-learn's`(index: Int) throws {
        let expected = try EvaluationFixture.load().metrics[index]
        let probabilities = try ClassScores(expected.probabilities.map(Float.init), classes: expected.classes)
        let metrics = try ClassificationMetrics(probabilities: probabilities, labels: expected.labels)
        #expect(abs(metrics.accuracy - expected.accuracy) < 1e-12)
        #expect(abs(metrics.balancedAccuracy - expected.balancedAccuracy) < 1e-12)
        #expect(largestDifference(metrics.perClass.map(\.precision), expected.precision) < 1e-12)
        #expect(largestDifference(metrics.perClass.map(\.recall), expected.recall) < 1e-12)
        #expect(largestDifference(metrics.perClass.map(\.f1), expected.f1) < 1e-12)
        #expect(metrics.perClass.map(\.support) == expected.support)
        #expect(metrics.confusion == expected.confusion)
        #expect(abs(metrics.logLoss - expected.logLoss) < 1e-5, "\(metrics.logLoss) \(expected.logLoss)")
        #expect(
            abs(metrics.expectedCalibrationError - expected.expectedCalibrationError) < 1e-6,
            "\(metrics.expectedCalibrationError) \(expected.expectedCalibrationError)")
    }

    @Test func `The same predictions in double precision have scikit-learn's figures`() throws {
        let problem = try ScikitLearnFixture.load()
        let probabilities = try ClassScores(problem.metrics.probabilities.map(Float.init), classes: 3)
        let metrics = try ClassificationMetrics(probabilities: probabilities, labels: problem.multinomial.y)
        #expect(metrics.confusion == problem.metrics.confusion)
        #expect(abs(metrics.logLoss - problem.metrics.logLoss) < 1e-6)
    }

    @Test func `The calibration error of four predictions is the one computed by hand`() throws {
        // Confidences 0.9 (right), 0.92 (wrong) lie in one bin, 0.6 (right), 0.7 (right) in two others.
        let probabilities = try ClassScores([0.9, 0.1, 0.92, 0.08, 0.6, 0.4, 0.3, 0.7], classes: 2)
        let metrics = try ClassificationMetrics(probabilities: probabilities, labels: [0, 1, 0, 1])
        #expect(abs(metrics.expectedCalibrationError - (abs(1 - 1.82) + 0.4 + 0.3) / 4) < 1e-6)
    }

    @Test func `Labels that do not belong to the probabilities are refused`() throws {
        let probabilities = try ClassScores([0.5, 0.5, 0.5, 0.5], classes: 2)
        #expect(throws: LearningError.sizeMismatch(what: "labels", expected: 2, found: 1)) {
            try ClassificationMetrics(probabilities: probabilities, labels: [0])
        }
        #expect(throws: LearningError.labelOutOfRange(sample: 1, label: 2, classes: 2)) {
            try ClassificationMetrics(probabilities: probabilities, labels: [0, 2])
        }
        #expect(throws: LearningError.tooFewSamples(what: "an evaluation", expected: 1, found: 0)) {
            try ClassificationMetrics(probabilities: ClassScores([], classes: 2), labels: [])
        }
    }
}
