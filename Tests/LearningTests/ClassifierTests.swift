import Compute
import Testing

@testable import Learning

struct ClassifierTests {
    private static func perceptron() throws -> MultilayerPerceptron {
        try MultilayerPerceptron(
            classes: ["a", "b"], features: 3, hiddenUnits: 2, hiddenWeights: [1, 0, -1, 2, 1, 0],
            hiddenBiases: [0.5, -1],
            weights: [1, 2, -1, 0.5], biases: [0.25, 0])
    }
    private static let values: [Float] = [1, 2, 3, 2, 0, 1]
    // By hand: max(0, W₁·x + b₁) is (0, 3) and (1.5, 3).
    private static let expected: [Float] = [6.25, 1.5, 7.75, 0]

    @Test func `A perceptron's batch and matrix logits are W₂·max(0, W₁·x + b₁) + b₂`() throws {
        let classifier = Classifier.perceptron(try Self.perceptron())
        #expect(try classifier.logits(Self.values, pool: nil).values == Self.expected)
        let matrix = try FeatureMatrix(Self.values, count: 2, features: 3, pool: nil)
        #expect(try classifier.logits(matrix, pool: ComputePool(threads: 2)).values == Self.expected)
        #expect(classifier.features == 3)
        #expect(classifier.classes == ["a", "b"])
    }

    @Test func `A temperature divides the logits`() throws {
        let head = try LinearHead(classes: ["a", "b"], features: 3, weights: [1, 2, 3, -1, 0, 4], biases: [1, -2])
        for classifier in [Classifier.logistic(head), .perceptron(try Self.perceptron())] {
            let logits = try classifier.logits(Self.values, pool: nil).values
            let divided = try classifier.dividingLogits(by: 2).logits(Self.values, pool: nil).values
            #expect(divided == logits.map { $0 / 2 })
            #expect(throws: LearningError.self) { try classifier.dividingLogits(by: 0) }
        }
    }

    @Test func `Sizes that do not fit are refused`() throws {
        #expect(throws: LearningError.sizeMismatch(what: "hidden weights", expected: 6, found: 5)) {
            try MultilayerPerceptron(
                classes: ["a", "b"], features: 3, hiddenUnits: 2, hiddenWeights: [1, 2, 3, 4, 5], hiddenBiases: [0, 0],
                weights: [1, 2, 3, 4], biases: [0, 0])
        }
        #expect(throws: LearningError.sizeMismatch(what: "hidden biases", expected: 2, found: 1)) {
            try MultilayerPerceptron(
                classes: ["a", "b"], features: 1, hiddenUnits: 2, hiddenWeights: [1, 2], hiddenBiases: [0],
                weights: [1, 2, 3, 4], biases: [0, 0])
        }
        #expect(throws: LearningError.sizeMismatch(what: "head weights", expected: 4, found: 3)) {
            try MultilayerPerceptron(
                classes: ["a", "b"], features: 1, hiddenUnits: 2, hiddenWeights: [1, 2], hiddenBiases: [0, 0],
                weights: [1, 2, 3], biases: [0, 0])
        }
        let classifier = Classifier.perceptron(try Self.perceptron())
        #expect(throws: LearningError.sizeMismatch(what: "features of whole samples", expected: 6, found: 4)) {
            try classifier.logits([1, 2, 3, 4], pool: nil)
        }
        #expect(throws: LearningError.sizeMismatch(what: "features", expected: 3, found: 2)) {
            try classifier.logits(FeatureMatrix([1, 2], count: 1, features: 2, pool: nil), pool: nil)
        }
    }
}
