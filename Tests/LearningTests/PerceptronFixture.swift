import Foundation
import Learning

/// What scikit-learn's MLPClassifier trained: see `scripts/make_perceptron_fixtures.py`.
struct PerceptronFixture: Decodable {
    struct Training: Decodable {
        let hiddenUnits: Int
        let batchSize: Int
        let epochs: Int
        let l2: Double
        let learningRate: Double
        /// W₁ᵀ, b₁, W₂ᵀ, b₂.
        let start: [Double]
        let end: [Double]
        /// The mean of the last epoch's minibatches, with the penalty, as it was before each step.
        let loss: Double
    }

    let features: Int
    let classes: Int
    let x: [Double]
    let y: [Int]
    let trainings: [Training]

    func samples() throws -> LabelledFeatures {
        try LabelledFeatures(
            features: FeatureMatrix(x.map(Float.init), count: y.count, features: features, pool: nil), labels: y,
            classes: (0..<classes).map { "class \($0)" })
    }

    static func load() throws -> PerceptronFixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Fixtures/learning/perceptron.json"))
        return try JSONDecoder().decode(PerceptronFixture.self, from: data)
    }
}
