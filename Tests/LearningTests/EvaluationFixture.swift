import Foundation
import Learning

/// What scikit-learn, SciPy and cleanlab computed: see `scripts/make_evaluation_fixtures.py`.
struct EvaluationFixture: Decodable {
    struct Metrics: Decodable {
        let classes: Int
        let probabilities: [Double]
        let labels: [Int]
        let accuracy: Double
        let balancedAccuracy: Double
        let precision: [Double]
        let recall: [Double]
        let f1: [Double]
        let support: [Int]
        let confusion: [[Int]]
        let logLoss: Double
        let expectedCalibrationError: Double
    }

    struct Temperature: Decodable {
        let classes: Int
        let logits: [Double]
        let labels: [Int]
        let temperature: Double
    }

    struct Selection: Decodable {
        let features: Int
        let classes: Int
        let x: [Double]
        let y: [Int]
        let folds: [[Int]]
        let grid: [Double]
        let logLosses: [Double]
        let best: Double

        func samples() throws -> LabelledFeatures {
            try LabelledFeatures(
                features: FeatureMatrix(x.map(Float.init), count: y.count, features: features, pool: nil), labels: y,
                classes: (0..<classes).map { "class \($0)" })
        }
    }

    struct Suspects: Decodable {
        let classes: Int
        let probabilities: [Double]
        let labels: [Int]
        let suspects: [Int]
        let suggestions: [Int]
    }

    let metrics: [Metrics]
    let temperatures: [Temperature]
    let selection: Selection
    let suspects: Suspects

    static func load() throws -> EvaluationFixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Fixtures/learning/evaluation.json"))
        return try JSONDecoder().decode(EvaluationFixture.self, from: data)
    }
}
