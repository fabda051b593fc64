import Compute
import Testing

@testable import Learning

struct PerceptronTrainingTests {
    /// Class 1 where exactly one coordinate is positive.
    private static func exclusiveOr(_ count: Int, seed: UInt64, noise: Double = 0) throws -> LabelledFeatures {
        var random = SplitMix64(seed: seed)
        var (values, labels): ([Float], [Int]) = ([], [])
        for _ in 0..<count {
            let (x, y) = (random.uniform() * 2 - 1, random.uniform() * 2 - 1)
            values += [Float(3 + 5 * x), Float(y)]
            let label = (x > 0) != (y > 0) ? 1 : 0
            labels.append(random.uniform() < noise ? 1 - label : label)
        }
        return try LabelledFeatures(
            features: FeatureMatrix(values, count: count, features: 2, pool: nil), labels: labels,
            classes: ["same", "other"])
    }

    private static func accuracy(_ classifier: Classifier, _ samples: LabelledFeatures) throws -> Double {
        let predictions = try classifier.logits(samples.features, pool: nil).predictions
        let right = zip(predictions, samples.labels).count { $0 == $1 }
        return Double(right) / Double(predictions.count)
    }

    @Test func `Learns what no linear head can`() throws {
        let (samples, unseen) = (try Self.exclusiveOr(400, seed: 1), try Self.exclusiveOr(400, seed: 2))
        let training = PerceptronTraining(
            hiddenUnits: 32, dropout: 0, learningRate: 0.01, batchSize: 32, maximumEpochs: 60, l2: 0)
        let (perceptron, report) = try training.fit(samples, pool: nil)
        #expect(try Self.accuracy(.perceptron(perceptron), unseen) > 0.95)
        #expect(report.losses.count == 61)
        #expect(!report.converged)
        let head = try LogisticRegression().fit(samples, pool: nil).head
        #expect(try Self.accuracy(.logistic(head), unseen) < 0.65)
    }

    @Test func `The report's objective is the sum over the samples by the perceptron's own logits`() throws {
        let samples = try PerceptronFixture.load().samples()
        let training = PerceptronTraining(hiddenUnits: 8, maximumEpochs: 3, l2: 0, classWeights: .given([1, 2, 0.5]))
        let (perceptron, report) = try training.fit(samples, pool: nil)
        let logits = try perceptron.logits(samples.features, pool: nil)
        let sum = samples.labels.enumerated().reduce(0.0) { sum, sample in
            let (index, label) = sample
            return sum + [1, 2, 0.5][label] * (logits.logSumExp(index) - Double(logits[index, label]))
        }
        #expect(abs(report.objective / sum - 1) < 1e-5)
    }

    @Test func `Stops early, and trains to the same weights in as many epochs without validation`() throws {
        let samples = try Self.exclusiveOr(80, seed: 3, noise: 0.2)
        let validation = try Self.exclusiveOr(80, seed: 4, noise: 0.2)
        var training = PerceptronTraining(
            hiddenUnits: 64, dropout: 0.1, learningRate: 0.02, batchSize: 16, maximumEpochs: 300, patience: 5, l2: 0)
        var losses: [Double] = []
        let (early, report) = try training.fit(samples, validation: validation, pool: nil) { progress in
            losses.append(try #require(progress.validationLoss))
        }
        #expect(report.converged)
        let best = report.losses.count - 1
        #expect(losses.count == best + 5)
        #expect(losses.min() == losses[best - 1])
        training.maximumEpochs = best
        let (refitted, _) = try training.fit(samples, pool: nil)
        #expect(refitted.hiddenWeights == early.hiddenWeights)
        #expect(refitted.weights == early.weights)
        // The loss that was reported is the result's.
        let logits = try early.logits(validation.features, pool: nil)
        let sum = validation.labels.enumerated().reduce(0.0) {
            $0 + logits.logSumExp($1.offset) - Double(logits[$1.offset, $1.element])
        }
        #expect(abs(sum / 80 - losses[best - 1]) < 1e-5)
    }

    @Test func `Any number of threads gives the same bits, another seed others`() throws {
        var random = SplitMix64(seed: 5)
        let (count, features) = (200, 300)
        let values = (0..<count * features).map { _ in Float(random.uniform()) }
        let labels = (0..<count).map { ($0 * 7 + $0 / 5) % 3 }
        func fit(_ pool: ComputePool?, seed: UInt64) throws -> MultilayerPerceptron {
            let matrix = try FeatureMatrix(values, count: count, features: features, pool: pool)
            let samples = try LabelledFeatures(features: matrix, labels: labels, classes: ["a", "b", "c"])
            return try PerceptronTraining(hiddenUnits: 96, maximumEpochs: 2, seed: seed).fit(samples, pool: pool)
                .perceptron
        }
        let one = try fit(nil, seed: 1)
        for threads in [2, 5] {
            let other = try fit(ComputePool(threads: threads), seed: 1)
            #expect(other.hiddenWeights == one.hiddenWeights)
            #expect(other.hiddenBiases == one.hiddenBiases)
            #expect(other.weights == one.weights)
            #expect(other.biases == one.biases)
        }
        #expect(try fit(nil, seed: 2).weights != one.weights)
    }

    @Test func `What the observer throws ends the training`() throws {
        let samples = try PerceptronFixture.load().samples()
        var epochs: [Int] = []
        #expect(throws: CancellationError.self) {
            try PerceptronTraining(hiddenUnits: 4).fit(samples, pool: nil) { progress in
                epochs.append(progress.iteration)
                if progress.iteration == 2 { throw CancellationError() }
            }
        }
        #expect(epochs == [1, 2])
    }

    @Test func `A learning rate that is too large is told`() throws {
        let samples = try PerceptronFixture.load().samples()
        #expect(throws: LearningError.diverged(.learningRate(1e30))) {
            try PerceptronTraining(hiddenUnits: 4, learningRate: 1e30, batchSize: 16).fit(samples, pool: nil)
        }
    }

    @Test func `Settings out of range and other samples to validate on are refused`() throws {
        let samples = try Self.exclusiveOr(20, seed: 6)
        for wrong in [
            PerceptronTraining(hiddenUnits: 0), PerceptronTraining(dropout: 1), PerceptronTraining(dropout: -0.1),
            PerceptronTraining(learningRate: 0), PerceptronTraining(batchSize: 0), PerceptronTraining(maximumEpochs: 0),
            PerceptronTraining(patience: 0), PerceptronTraining(l2: .nan),
        ] {
            #expect(throws: LearningError.self) { try wrong.fit(samples, pool: nil) }
        }
        let other = try PerceptronFixture.load().samples()
        #expect(throws: LearningError.sizeMismatch(what: "features of the validation samples", expected: 2, found: 6)) {
            try PerceptronTraining().fit(samples, validation: other, pool: nil)
        }
    }
}
