import Compute
import Testing

@testable import Learning

struct FeatureMatrixTests {
    private static let values: [[Float]] = (0..<211).map { row in
        (0..<37).map { column in Float((row * 37 + column * column) % 23) / 4 - 2 }
    }
    private static func matrix() throws -> FeatureMatrix {
        try FeatureMatrix(values.flatMap { $0 }, count: 211, features: 37, pool: nil)
    }

    @Test func `Rows come back as they were given`() throws {
        let matrix = try Self.matrix()
        for row in 0..<211 { #expect(matrix.row(row) == Self.values[row]) }
        #expect(try matrix.selecting([7, 210, 7], pool: nil).row(1) == Self.values[210])
    }

    @Test func `Means and deviations are the formulas'`() throws {
        let matrix = try Self.matrix()
        let standardization = Standardization(of: matrix, pool: nil)
        for feature in 0..<37 {
            let column = Self.values.map { Double($0[feature]) }
            let mean = column.reduce(0, +) / 211
            let variance = column.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 211
            #expect(abs(standardization.mean[feature] - mean) < 1e-6)
            #expect(abs(standardization.scale[feature] - variance.squareRoot()) < 1e-6)
        }
    }

    @Test func `A feature that does not vary has scale 1`() throws {
        let matrix = try FeatureMatrix([0.1, 1, 0.1, 2, 0.1, 3], count: 3, features: 2, pool: nil)
        #expect(Standardization(of: matrix, pool: nil).scale[0] == 1)
    }

    @Test func `A sample that is not finite is named`() throws {
        var values = Self.values.flatMap { $0 }
        values[37 * 100 + 5] = .nan
        #expect(throws: LearningError.notFinite(sample: 100)) {
            try FeatureMatrix(values, count: 211, features: 37, pool: nil)
        }
    }

    @Test func `Too few values are refused`() {
        #expect(throws: LearningError.sizeMismatch(what: "feature values", expected: 6, found: 5)) {
            try FeatureMatrix([1, 2, 3, 4, 5], count: 2, features: 3, pool: nil)
        }
    }
}
