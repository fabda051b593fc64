import Testing

@testable import Service

struct SoftmaxTests {
    @Test func probabilitiesEqualTheFormulaComputedByHand() {
        // e¹, e², e³ over their sum: NumPy's exp(x) / exp(x).sum() gives the same digits.
        let probabilities = softmax([1, 2, 3])
        for (found, expected) in zip(probabilities, [0.09003057, 0.24472847, 0.66524096]) {
            #expect(abs(Double(found) - expected) < 1e-7, "found \(found), expected \(expected)")
        }
    }

    @Test(arguments: [[-100, 50], [1000, 999, -1000], [0], [3.4e38, -3.4e38]] as [[Float]])
    func extremeLogitsNeitherOverflowNorLoseTheirSum(_ logits: [Float]) {
        let probabilities = softmax(logits)
        #expect(probabilities.allSatisfy { $0.isFinite && $0 >= 0 && $0 <= 1 }, "\(probabilities)")
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-6, "\(probabilities)")
    }

    @Test func classesAreRankedByProbabilityThenIndex() {
        let found = ranked([0.1, 0.3, 0.05, 0.3, 0.25], count: 4)
        #expect(found.map(\.index) == [1, 3, 4, 0])
        #expect(found.map(\.probability) == [0.3, 0.3, 0.25, 0.1])
        #expect(ranked([0.5, 0.5], count: 3).map(\.index) == [0, 1])
    }

    @Test func normalizedVectorsHaveLengthOneAndZerosStayZeros() {
        #expect(normalized([3, 4]) == [0.6, 0.8])
        #expect(normalized([0, 0]) == [0, 0])
    }
}
