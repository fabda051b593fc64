import Foundation
import Learning

/// What NumPy and scikit-learn computed: see `scripts/make_novelty_fixtures.py`.
struct NoveltyFixture: Decodable {
    struct Distances: Decodable {
        let features: Int
        let classes: Int
        let x: [Double]
        let y: [Int]
        let others: [Double]
        let mahalanobis: [Double]
        let neighbour: Int
        let nearestNeighbour: [Double]

        func samples() throws -> LabelledFeatures {
            try LabelledFeatures(
                features: FeatureMatrix(x.map(Float.init), count: y.count, features: features, pool: nil), labels: y,
                classes: (0..<classes).map { "class \($0)" })
        }
    }

    struct Spectrum: Decodable {
        let columns: Int
        let count: Int
        let x: [Double]
        let values: [Double]
        let vectors: [Double]
        let total: Double
    }

    struct Symmetric: Decodable {
        let size: Int
        let matrix: [Double]
        let values: [Double]
        let vectors: [Double]
    }

    struct Ranking: Decodable {
        let positives: [Float]
        let negatives: [Float]
        let area: Double
    }

    let distances: [Distances]
    let spectrum: Spectrum
    let symmetric: [Symmetric]
    let rankings: [Ranking]

    static func load() throws -> NoveltyFixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Fixtures/learning/novelty.json"))
        return try JSONDecoder().decode(NoveltyFixture.self, from: data)
    }
}

/// The largest difference of rows of length 1 that may have either sign.
func largestDifferenceOfDirections(_ a: [Double], _ b: [Double], length: Int) -> Double {
    guard a.count == b.count else { return .infinity }
    return stride(from: 0, to: a.count, by: length).reduce(0) { largest, start in
        let (first, second) = (Array(a[start..<start + length]), Array(b[start..<start + length]))
        return max(
            largest, min(largestDifference(first, second), largestDifference(first, second.map { -$0 })))
    }
}
