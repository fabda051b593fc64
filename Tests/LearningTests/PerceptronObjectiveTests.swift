import Compute
import Testing

@testable import Learning

struct PerceptronObjectiveTests {
    @Test func `Adam's steps are scikit-learn's`() throws {
        let fixture = try PerceptronFixture.load()
        let samples = try fixture.samples()
        let order = Array(samples.labels.indices)
        for training in fixture.trainings {
            let objective = try Self.objective(
                samples, hiddenUnits: training.hiddenUnits, classWeights: [1, 1, 1], l2: training.l2)
            var parameters = training.start.map { Float($0) }
            var gradient = parameters
            var adam = Adam(learningRate: training.learningRate, parameters: parameters.count)
            var random = SplitMix64(seed: 0)
            var loss = 0.0
            for _ in 0..<training.epochs {
                loss = 0
                for start in stride(from: 0, to: order.count, by: training.batchSize) {
                    let batch = order[start..<start + training.batchSize]
                    let value = objective.evaluate(
                        parameters, batch: batch, dropout: 0, random: &random, gradient: &gradient)
                    loss += (value + objective.penalty(parameters)) * Double(batch.count) / Double(order.count)
                    adam.step(&parameters, gradient: gradient, pool: nil)
                }
            }
            #expect(largestDifference(parameters.map(Double.init), training.end) < 2e-5)
            #expect(abs(loss - training.loss) < 1e-5, "\(loss) \(training.loss)")
        }
    }

    @Test func `The gradient is the finite differences'`() throws {
        let samples = try PerceptronFixture.load().samples()
        let objective = try Self.objective(samples, hiddenUnits: 4, classWeights: [1, 2, 0.5], l2: 3)
        let order = Array(samples.labels.indices)
        var random = SplitMix64(seed: 1)
        var parameters = objective.shape.initialParameters(&random)
        var gradient = parameters
        var ignored = parameters
        // Part of the samples, and the same units left out at each evaluation.
        let batch = order[20..<90]
        func value(_ gradient: inout [Float]) -> Double {
            var random = SplitMix64(seed: 2)
            return objective.evaluate(parameters, batch: batch, dropout: 0.3, random: &random, gradient: &gradient)
                + objective.penalty(parameters)
        }
        _ = value(&gradient)
        var differences = [Double](repeating: 0, count: parameters.count)
        for index in parameters.indices {
            let (center, width) = (parameters[index], Float(1e-3))
            parameters[index] = center + width
            let above = value(&ignored)
            parameters[index] = center - width
            let below = value(&ignored)
            parameters[index] = center
            differences[index] = (above - below) / Double(2 * width)
        }
        #expect(largestDifference(differences, gradient.map(Double.init)) < 1e-3)
    }

    @Test func `Dropout leaves out its part of the units and keeps the expectation`() throws {
        let samples = try PerceptronFixture.load().samples()
        // One hidden unit, 1 for every sample; the first class's logit is its activation, the others' 0.
        let objective = try Self.objective(samples, hiddenUnits: 1, classWeights: [1, 1, 1], l2: 0)
        var parameters = [Float](repeating: 0, count: objective.shape.count)
        parameters[objective.shape.hiddenBiases.lowerBound] = 1
        parameters[objective.shape.weights.lowerBound] = 1
        var gradient = parameters
        var random = SplitMix64(seed: 3)
        let first = try #require(samples.labels.firstIndex(of: 0))
        let (count, dropout) = (4000, 0.25)
        let loss = objective.evaluate(
            parameters, batch: Array(repeating: first, count: count)[...], dropout: dropout, random: &random,
            gradient: &gradient)
        // By hand: log 3 where the unit is left out, else log(1 + 2·exp(−4/3)).
        let (dropped, kept) = (1.0986123, 0.4219637)
        let part = (loss - kept) / (dropped - kept)
        // Four standard deviations of a binomial distribution's mean.
        #expect(abs(part - dropout) < 4 * (dropout * (1 - dropout) / Double(count)).squareRoot())
    }

    @Test func `First weights are within He's bounds and have his variance`() throws {
        let shape = try PerceptronShape(features: 100, hiddenUnits: 60, classes: 40)
        var random = SplitMix64(seed: 4)
        let parameters = shape.initialParameters(&random).map(Double.init)
        for (range, variance) in [(shape.hiddenWeights, 2.0 / 100), (shape.weights, 1.0 / 60)] {
            let squares = parameters[range].map { $0 * $0 }
            #expect(abs(squares.reduce(0, +) / Double(range.count) / variance - 1) < 0.1)
            #expect(squares.allSatisfy { $0 <= 3 * variance * 1.000001 })
        }
        #expect(parameters[shape.hiddenBiases].allSatisfy { $0 == 0 })
        #expect(parameters[shape.biases].allSatisfy { $0 == 0 })
    }

    @Test func `Sizes beyond memory are refused`() {
        #expect(throws: LearningError.self) { try PerceptronShape(features: 1 << 40, hiddenUnits: 1 << 40, classes: 2) }
    }

    private static func objective(
        _ samples: LabelledFeatures, hiddenUnits: Int, classWeights: [Double], l2: Double
    ) throws -> PerceptronObjective {
        let shape = try PerceptronShape(
            features: samples.features.features, hiddenUnits: hiddenUnits, classes: samples.classes.count)
        return try PerceptronObjective(
            samples: samples, shape: shape, classWeights: classWeights, l2: l2,
            standardization: Standardization(of: samples.features, pool: nil), pool: nil)
    }
}
