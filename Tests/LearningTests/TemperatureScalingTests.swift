import Testing

@testable import Learning

struct TemperatureScalingTests {
    /// Overconfident, underconfident, few and all right, few and often wrong, all wrong.
    @Test(arguments: 0..<5) func `The temperature is SciPy's minimum of the same sum`(index: Int) throws {
        let expected = try EvaluationFixture.load().temperatures[index]
        let logits = try ClassScores(expected.logits.map(Float.init), classes: expected.classes)
        let found = try TemperatureScaling.fit(logits: logits, labels: expected.labels)
        #expect(abs(found / expected.temperature - 1) < 1e-6, "\(found) \(expected.temperature)")
    }

    @Test func `Extreme logits keep to the range`() throws {
        let certain = try ClassScores([1e30, -1e30, -1e30, 1e30], classes: 2)
        for labels in [[0, 1], [1, 0]] {
            #expect(TemperatureScaling.range.contains(try TemperatureScaling.fit(logits: certain, labels: labels)))
        }
        let equal = try ClassScores([0, 0, 0, 0], classes: 2)
        #expect(try TemperatureScaling.fit(logits: equal, labels: [0, 1]) == 1)
    }
}
