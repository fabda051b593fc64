import Compute
import Foundation
import Testing

@testable import Learning

struct NearDuplicatePairTests {
    private static let (count, features) = (70, 24)

    /// Random images; 3 and 40 are equal but for their length, 5 and 60 nearly so, 7 and 8 equal but of one group.
    private static func values() -> [[Float]] {
        var random = SplitMix64(seed: 2)
        var values = (0..<count).map { _ in (0..<features).map { _ in Float(random.uniform()) } }
        values[60] = values[5].enumerated().map { $0.element + ($0.offset.isMultiple(of: 2) ? 0.02 : -0.02) }
        values[40] = values[3]
        values[8] = values[7]
        return values
    }

    private static func find(
        _ values: [[Float]], evaluated: [Int], groups: [Int], limit: Int = 100,
        budget: Double = NearDuplicatePair.budget
    ) throws -> [NearDuplicatePair] {
        let matrix = try FeatureMatrix(values.flatMap { $0 }, count: values.count, features: features, pool: nil)
        let labels = values.indices.map { $0 < 40 ? 0 : 1 }
        return try NearDuplicatePair.find(
            matrix, labels: labels, evaluated: evaluated, groups: groups, limit: limit, budget: budget, seed: 0,
            pool: nil,
            progress: ProgressSpan(stage: .inspecting, range: 0...1) { _ in })
    }

    /// By the formula.
    private static func cosine(_ values: [[Float]], _ a: Int, _ b: Int) -> Double {
        let mean = (0..<features).map { feature in values.reduce(0) { $0 + Double($1[feature]) } / Double(values.count)
        }
        let (x, y) = (zip(values[a], mean).map { Double($0) - $1 }, zip(values[b], mean).map { Double($0) - $1 })
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(x, y) / (dot(x, x) * dot(y, y)).squareRoot()
    }

    @Test func `After a hold-out pairs of an evaluated and a taught image are found`() throws {
        let values = Self.values()
        let evaluated = [5, 7, 8, 40]
        let groups = values.indices.map { evaluated.contains($0) ? 0 : -1 }
        let pairs = try Self.find(values, evaluated: evaluated, groups: groups)
        #expect(pairs.map { [$0.image, $0.other] } == [[40, 3], [5, 60]])
        #expect(pairs.map(\.labelsDiffer) == [true, true])
        for pair in pairs {
            #expect(abs(pair.similarity - Self.cosine(values, pair.image, pair.other)) < 1e-5)
        }
    }

    @Test func `After a cross-validation each pair of two folds is found once`() throws {
        let values = Self.values()
        let pairs = try Self.find(values, evaluated: Array(values.indices), groups: values.indices.map { $0 / 10 })
        #expect(pairs.map { [$0.image, $0.other] } == [[3, 40], [5, 60]])
    }

    @Test func `Pairs are all that the formula says, the most similar first`() throws {
        // A fine noise on one image makes all of them similar, by more or less.
        var random = SplitMix64(seed: 4)
        let base = (0..<Self.features).map { _ in Float(random.uniform()) }
        let values = (0..<Self.count).map { image in
            base.map { $0 * Float(image % 2) + 0.12 * Float(random.uniform()) }
        }
        let groups = values.indices.map { $0 % 5 }
        let found = try Self.find(values, evaluated: Array(values.indices), groups: groups, limit: 5000)
        var expected = 0
        for a in values.indices {
            for b in a + 1..<Self.count where groups[a] != groups[b] {
                if Self.cosine(values, a, b) >= NearDuplicatePair.threshold { expected += 1 }
            }
        }
        #expect(expected > 100)
        #expect(found.count == expected)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.similarity >= $1.similarity })
        let few = try Self.find(values, evaluated: Array(values.indices), groups: groups, limit: 7)
        #expect(few == Array(found.prefix(7)))
    }

    @Test func `Images that are all the same are no pairs: nothing is left of them without the mean`() throws {
        let values = [[Float]](repeating: [Float](repeating: 1, count: Self.features), count: 6)
        #expect(try Self.find(values, evaluated: [0, 1], groups: [0, 0, -1, -1, -1, -1]).isEmpty)
    }

    @Test func `A budget for half of the images finds a part of the pairs`() throws {
        let values = (0..<60).flatMap { _ in Self.values().prefix(1) }.enumerated().map { index, row in
            row.map { $0 * Float(index % 2) + Float(index) * 1e-6 }
        }
        let groups = values.indices.map { $0 < 30 ? 0 : -1 }
        let evaluated = Array(0..<30)
        let all = try Self.find(values, evaluated: evaluated, groups: groups, limit: 1000)
        let half = try Self.find(
            values, evaluated: evaluated, groups: groups, limit: 1000, budget: 15.0 * 60 * Double(Self.features))
        #expect(Set(all.map(\.image)) == Set(evaluated))
        #expect(Set(half.map(\.image)).count == 15)
        #expect(half.allSatisfy { pair in all.contains { $0.image == pair.image && $0.other == pair.other } })
    }
}
