import Testing

@testable import Learning

struct LabelSuspectTests {
    @Test func `Suspects are cleanlab's, in the order of their margins`() throws {
        let expected = try EvaluationFixture.load().suspects
        let probabilities = try ClassScores(expected.probabilities.map(Float.init), classes: expected.classes)
        let found = try LabelSuspect.find(probabilities: probabilities, labels: expected.labels)
        #expect(found.map(\.image) == expected.suspects)
        #expect(found.map(\.suggestion) == expected.suggestions)
        #expect(found.map(\.label) == expected.suspects.map { expected.labels[$0] })
        for suspect in found {
            #expect(suspect.givenProbability == Double(probabilities[suspect.image, suspect.label]))
            #expect(suspect.suggestedProbability == Double(probabilities[suspect.image, suspect.suggestion]))
        }
        let first = try LabelSuspect.find(probabilities: probabilities, labels: expected.labels, limit: 3)
        #expect(first == Array(found.prefix(3)))
    }

    @Test func `Nothing is suspected of classes with fewer than five images`() throws {
        for (zeros, ones, expected) in [(5, 5, [9]), (4, 6, []), (5, 4, [])] {
            let rows =
                Array(repeating: [Float](arrayLiteral: 0.9, 0.1), count: zeros)
                + Array(repeating: [Float](arrayLiteral: 0.1, 0.9), count: ones - 1) + [[0.95, 0.05]]
            let labels = Array(repeating: 0, count: zeros) + Array(repeating: 1, count: ones)
            let scores = try ClassScores(rows.flatMap { $0 }, classes: 2)
            #expect(try LabelSuspect.find(probabilities: scores, labels: labels).map(\.image) == expected)
        }
    }

    @Test func `A class that no label names suggests nothing`() throws {
        let probabilities = try ClassScores([0.9, 0.05, 0.05, 0.02, 0.03, 0.95, 0.05, 0.9, 0.05], classes: 3)
        #expect(try LabelSuspect.find(probabilities: probabilities, labels: [0, 0, 1]).isEmpty)
    }
}
