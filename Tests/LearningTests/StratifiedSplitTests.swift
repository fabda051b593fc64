import Testing

@testable import Learning

struct StratifiedSplitTests {
    /// Classes of 1, 2, 3, 10 and 24 images, mixed.
    private static let labels: [Int] = {
        let sorted = [1, 2, 3, 10, 24].enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
        var random = SplitMix64(seed: 8)
        return random.permutation(sorted.count).map { sorted[$0] }
    }()

    private static func counts(_ images: [Int]) -> [Int] {
        images.reduce(into: [0, 0, 0, 0, 0]) { $0[labels[$1]] += 1 }
    }

    @Test(arguments: [0, 0.1, 0.2, 0.5, 0.9, 0.99])
    func `A hold-out takes its part of each class and leaves an image of each`(validation: Double) {
        let split = StratifiedSplit.holdOut(labels: Self.labels, classes: 5, validation: validation, seed: 1)
        #expect((split.training + split.validation).sorted() == Array(0..<40))
        let expected = [1, 2, 3, 10, 24].map { min(Int((validation * Double($0)).rounded()), $0 - 1) }
        #expect(Self.counts(split.validation) == expected)
    }

    @Test(arguments: 2...7)
    func `Folds hold out every image once, but a class's only one`(count: Int) {
        let folds = StratifiedSplit.folds(labels: Self.labels, classes: 5, count: count, seed: 1)
        #expect(folds.count == count)
        let only = Self.labels.firstIndex(of: 0)
        #expect(folds.flatMap { $0 }.sorted() == (0..<40).filter { $0 != only })
        let sizes = folds.map(\.count)
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        for label in 1..<5 {
            let parts = folds.map { Self.counts($0)[label] }
            #expect((parts.max() ?? 0) - (parts.min() ?? 0) <= 1)
            // What is left to train on has the class.
            #expect(parts.allSatisfy { $0 < [1, 2, 3, 10, 24][label] })
        }
    }

    @Test func `Subsets grow into one another and keep every class`() {
        let parts = [0.01, 0.1, 0.25, 0.5, 1]
        let subsets = parts.map { StratifiedSplit.subset(labels: Self.labels, classes: 5, fraction: $0, seed: 3) }
        for (smaller, larger) in zip(subsets, subsets.dropFirst()) { #expect(Set(smaller).isSubset(of: larger)) }
        for subset in subsets { #expect(Self.counts(subset).allSatisfy { $0 > 0 }) }
        #expect(Self.counts(subsets[3]) == [1, 1, 2, 5, 12])
        #expect(subsets[4] == Array(0..<40))
    }

    @Test func `A seed gives the same split, another seed another`() {
        func split(_ seed: UInt64) -> [[Int]] {
            StratifiedSplit.folds(labels: Self.labels, classes: 5, count: 5, seed: seed)
        }
        #expect(split(1) == split(1))
        #expect(split(1) != split(2))
    }
}
