import Compute
import Testing

@testable import Learning

struct LogisticRegressionTests {
    @Test func `Finds scikit-learn's weights, biases and objective`() throws {
        let problem = try ScikitLearnFixture.load().multinomial
        let samples = try problem.samples()
        for expected in problem.fits {
            let regression = LogisticRegression(
                l2: 1 / expected.c, classWeights: expected.balanced ? .balanced : .uniform,
                standardizes: expected.standardises, solver: .lbfgs(tolerance: 1e-6))
            let (head, report) = try regression.fit(samples, pool: nil)
            #expect(report.converged)
            #expect(abs(report.objective / expected.objective - 1) < 1e-6, "\(report.objective) \(expected.objective)")
            #expect(largestDifference(head.weights.map(Double.init), expected.weights) < 1e-3)
            // Biases are the same up to one number for all classes, which changes no probability.
            let shift = expected.biases[0] - Double(head.biases[0])
            #expect(largestDifference(head.biases.map { Double($0) + shift }, expected.biases) < 1e-3)
        }
    }

    @Test func `Two classes at λ = 2/C have scikit-learn's probabilities`() throws {
        let problem = try ScikitLearnFixture.load().binary
        let expected = problem.fits[0]
        let samples = try problem.samples()
        let (head, _) = try LogisticRegression(l2: 2 / expected.c, solver: .lbfgs(tolerance: 1e-6))
            .fit(samples, pool: nil)
        let probabilities = try head.probabilities(samples.features, pool: nil)
        #expect(largestDifference(probabilities.values.map(Double.init), expected.probabilities) < 1e-3)
    }

    @Test func `Given class weights that repeat the balanced ones give the same head`() throws {
        let samples = try ScikitLearnFixture.load().multinomial.samples()
        let weights = samples.classCounts.map { Double(samples.labels.count) / Double(3 * $0) }
        let balanced = try LogisticRegression(classWeights: .balanced).fit(samples, pool: nil).head
        let given = try LogisticRegression(classWeights: .given(weights)).fit(samples, pool: nil).head
        #expect(balanced.weights == given.weights)
    }

    @Test func `The gradient is the finite differences'`() throws {
        let samples = try ScikitLearnFixture.load().multinomial.samples()
        let objective = try SoftmaxObjective(
            samples: samples, classWeights: [1, 2, 0.5], l2: 3,
            standardization: Standardization(of: samples.features, pool: nil), pool: nil)
        var random = SplitMix64(seed: 1)
        var point = (0..<objective.dimension).map { _ in random.uniform() - 0.5 }
        var gradient = point
        var ignored = point
        _ = try objective.evaluate(point, gradient: &gradient)
        for index in point.indices {
            let (center, width) = (point[index], 1e-2)
            point[index] = center + width
            let above = try objective.evaluate(point, gradient: &ignored)
            point[index] = center - width
            let below = try objective.evaluate(point, gradient: &ignored)
            point[index] = center
            #expect(abs((above - below) / (2 * width) - gradient[index]) < 1e-4)
        }
    }

    @Test func `Any number of threads gives the same bits`() throws {
        var random = SplitMix64(seed: 3)
        let (count, features) = (700, 50)
        let values = (0..<count * features).map { _ in Float(random.uniform()) }
        let labels = (0..<count).map { ($0 * 7 + $0 / 5) % 4 }
        let heads = try [nil, ComputePool(threads: 2), ComputePool(threads: 5)].map { pool in
            let matrix = try FeatureMatrix(values, count: count, features: features, pool: pool)
            let samples = try LabelledFeatures(features: matrix, labels: labels, classes: ["a", "b", "c", "d"])
            return try LogisticRegression(standardizes: true).fit(samples, pool: pool).head
        }
        for head in heads.dropFirst() {
            #expect(head.weights == heads[0].weights)
            #expect(head.biases == heads[0].biases)
        }
    }

    @Test func `Gradient descent's first step is the step size times the gradient at zero`() throws {
        let samples = try LabelledFeatures(
            features: FeatureMatrix([1, 3], count: 2, features: 1, pool: nil), labels: [0, 1], classes: ["a", "b"])
        let (head, report) = try LogisticRegression(l2: 0, solver: .gradientDescent(stepSize: 0.5, iterations: 1))
            .fit(samples, pool: nil)
        // By hand: p = ½ for both samples, z = ∓1, ∇W₀ = ½·(−½·−1 + ½·1) = ½, ∇b = 0.
        #expect(abs(head.weights[0] + 0.25) < 1e-6)
        #expect(abs(head.weights[1] - 0.25) < 1e-6)
        // The head is for raw features: b₀ = −W₀ · mean.
        #expect(abs(head.biases[0] - 0.5) < 1e-6)
        #expect(report.losses.count == 2)
        #expect(!report.converged)
    }

    @Test func `Gradient descent comes to the same optimum`() throws {
        let problem = try ScikitLearnFixture.load().multinomial
        let expected = problem.fits[2]
        let (_, report) = try LogisticRegression(
            l2: 1 / expected.c, standardizes: true, solver: .gradientDescent(stepSize: 1, iterations: 300)
        ).fit(problem.samples(), pool: nil)
        #expect(abs(report.objective / expected.objective - 1) < 1e-5)
    }

    @Test func `A fit from another head comes to the same optimum in fewer iterations`() throws {
        let samples = try ScikitLearnFixture.load().multinomial.samples()
        let regression = LogisticRegression(solver: .lbfgs(tolerance: 1e-6))
        let (head, cold) = try regression.fit(samples, pool: nil)
        let (_, warm) = try regression.fit(samples, startingFrom: head, pool: nil)
        #expect(abs(warm.objective / cold.objective - 1) < 1e-7)
        #expect(warm.losses.count < cold.losses.count / 2)
    }

    @Test func `What the observer throws ends the fit`() throws {
        let samples = try ScikitLearnFixture.load().multinomial.samples()
        var iterations: [Int] = []
        #expect(throws: CancellationError.self) {
            try LogisticRegression().fit(samples, pool: nil) { progress in
                iterations.append(progress.iteration)
                if progress.iteration == 2 { throw CancellationError() }
            }
        }
        #expect(iterations == [0, 1, 2])
    }

    @Test func `Labels and settings out of range are refused`() throws {
        let features = try FeatureMatrix([1, 2, 3], count: 3, features: 1, pool: nil)
        #expect(throws: LearningError.labelOutOfRange(sample: 2, label: 2, classes: 2)) {
            try LabelledFeatures(features: features, labels: [0, 1, 2], classes: ["a", "b"])
        }
        #expect(throws: LearningError.tooFewClasses(found: 1)) {
            try LabelledFeatures(features: features, labels: [0, 0, 0], classes: ["a"])
        }
        #expect(throws: LearningError.emptyClass(name: "b")) {
            try LabelledFeatures(features: features, labels: [0, 0, 0], classes: ["a", "b"])
        }
        let samples = try LabelledFeatures(features: features, labels: [0, 1, 1], classes: ["a", "b"])
        #expect(throws: LearningError.self) { try LogisticRegression(l2: -1).fit(samples, pool: nil) }
        #expect(throws: LearningError.self) {
            try LogisticRegression(classWeights: .given([1])).fit(samples, pool: nil)
        }
    }

    @Test func `A head's batch and matrix logits are W·x + b`() throws {
        let head = try LinearHead(classes: ["a", "b"], features: 2, weights: [1, 2, -3, 4], biases: [0.5, -1])
        let values: [Float] = [1, 1, 2, -1]
        let expected: [Float] = [3.5, 0, 0.5, -11]
        #expect(try head.logits(values, pool: nil).values == expected)
        #expect(try head.logits(FeatureMatrix(values, count: 2, features: 2, pool: nil), pool: nil).values == expected)
        #expect(throws: LearningError.self) { try head.logits([1, 2, 3], pool: nil) }
    }
}
