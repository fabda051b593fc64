import Foundation
import Learning

/// What scikit-learn computed: see `scripts/make_learning_fixtures.py`.
struct ScikitLearnFixture: Decodable {
    struct Fit: Decodable {
        let c: Double
        let balanced: Bool
        let standardises: Bool
        let weights: [Double]
        let biases: [Double]
        let objective: Double
        let probabilities: [Double]
    }

    struct Problem: Decodable {
        let features: Int
        let classes: Int
        let x: [Double]
        let y: [Int]
        let fits: [Fit]

        func samples() throws -> LabelledFeatures {
            try LabelledFeatures(
                features: FeatureMatrix(x.map(Float.init), count: y.count, features: features, pool: nil), labels: y,
                classes: (0..<classes).map { "class \($0)" })
        }
    }

    struct Metrics: Decodable {
        let probabilities: [Double]
        let accuracy: Double
        let balancedAccuracy: Double
        let precision: [Double]
        let recall: [Double]
        let f1: [Double]
        let confusion: [[Int]]
        let logLoss: Double
        let areasUnderROC: [Double]
    }

    let multinomial: Problem
    let binary: Problem
    let metrics: Metrics
    let shrinkage: Double

    static func load() throws -> ScikitLearnFixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Fixtures/learning/scikit_learn.json"))
        return try JSONDecoder().decode(ScikitLearnFixture.self, from: data)
    }
}

/// The largest absolute difference of two lists of equal length; infinite where the lengths differ.
func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}
