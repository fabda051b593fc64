import Compute
import Testing

@testable import Learning

/// No setting may give a head, or a report, with numbers that are not finite.
struct DivergenceTests {
    /// 1,280 features that hang together, as embeddings do: a tenth of the variance lies along one direction.
    private static func embeddings(
        _ count: Int, features: Int = 1280, pool: ComputePool? = nil
    ) throws -> LabelledFeatures {
        var random = SplitMix64(seed: 9)
        let labels = (0..<count).map { $0 % 2 }
        let values = labels.flatMap { label in
            let common = random.uniform() - 0.5
            return (0..<features).map { feature in
                Float(random.uniform() + common * 0.3 + (feature % 8 == label ? 0.2 : 0))
            }
        }
        return try LabelledFeatures(
            features: FeatureMatrix(values, count: count, features: features, pool: pool), labels: labels,
            classes: ["a", "b"])
    }

    @Test(arguments: [0, 1, 100, 5000, 1e9, 1e300])
    func `Gradient descent's default step descends steadily whatever the penalty`(l2: Double) throws {
        let samples = try Self.embeddings(40)
        for standardizes in [true, false] {
            let regression = LogisticRegression(
                l2: l2, standardizes: standardizes, solver: .gradientDescent(iterations: 200))
            let (head, report) = try regression.fit(samples, pool: nil)
            let losses = report.losses
            // Of a strong penalty the first step is all, up to float32's rounding.
            #expect(
                zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 * (1 + 1e-6) }, "\(l2) \(losses.prefix(5))")
            #expect(losses.count == 201)
            #expect(head.isFinite)
        }
    }

    @Test func `Gradient descent's default step comes near the optimum of L-BFGS`() throws {
        let samples = try Self.embeddings(40)
        let expected = try LogisticRegression(l2: 5000, standardizes: true).fit(samples, pool: nil).report
        let (_, report) = try LogisticRegression(
            l2: 5000, standardizes: true, solver: .gradientDescent(iterations: 500)
        ).fit(samples, pool: nil)
        #expect(abs(report.objective / expected.objective - 1) < 1e-4, "\(report.objective) \(expected.objective)")
    }

    @Test(arguments: [ClassWeights.uniform, .balanced, .given([1, 20])])
    func `The curvature is the Hessian's bound, by Jacobi's eigenvalues`(weights: ClassWeights) throws {
        let samples = try Self.embeddings(31, features: 12)
        let standardization = Standardization(of: samples.features, pool: nil)
        let classWeights = try weights.values(for: samples)
        let objective = try SoftmaxObjective(
            samples: samples, classWeights: classWeights, l2: 7, standardization: standardization, pool: nil)
        var moments = [Double](repeating: 0, count: 13 * 13)
        for (sample, label) in samples.labels.enumerated() {
            let row =
                samples.features.row(sample).enumerated().map {
                    (Double($1) - standardization.mean[$0]) / standardization.scale[$0]
                } + [1]
            for index in moments.indices {
                moments[index] += classWeights[label] * row[index / 13] * row[index % 13] / objective.totalWeight
            }
        }
        let expected = SymmetricEigenvectors(of: moments, size: 13).values[0] / 2 + 7 / objective.totalWeight
        let found = try objective.largestCurvature()
        #expect(abs(found / expected - 1) < 0.05, "\(found) \(expected)")
    }

    @Test func `The default step has the same bits with any number of threads`() throws {
        let heads = try [nil, ComputePool(threads: 2), ComputePool(threads: 5)].map { pool in
            try LogisticRegression(standardizes: true, solver: .gradientDescent(iterations: 3)).fit(
                Self.embeddings(700, features: 150, pool: pool), pool: pool
            ).head
        }
        for head in heads.dropFirst() {
            #expect(head.weights == heads[0].weights && head.biases == heads[0].biases)
        }
    }

    @Test(arguments: [0.1, 1e5, 1e300])
    func `Gradient descent that diverges names the step size`(stepSize: Double) throws {
        let samples = try Self.embeddings(40)
        for l2 in [nil, 0, 5000] as [Double?] {
            let training = HeadTraining(
                kind: .logistic(solver: .gradientDescent(stepSize: stepSize, iterations: 500)), l2: l2)
            do {
                let head = try training.run(samples, images: 40, pool: nil)
                // Without overflow, and better than knowing nothing.
                try check(head, samples)
            } catch { #expect("\(error)".contains("step_size=\(stepSize); try a smaller one"), "\(error)") }
        }
        let strong = LogisticRegression(
            l2: 5000, standardizes: true, solver: .gradientDescent(stepSize: stepSize, iterations: 500))
        #expect(throws: LearningError.diverged(.stepSize(stepSize))) { try strong.fit(samples, pool: nil) }
    }

    @Test func `Of gradient descent's strengths those at which it diverges are passed over`() throws {
        // λ / n is 200 for the strongest of the grid: a step of 0.05 swings there, and descends at the others.
        let samples = try Self.embeddings(50, features: 100)
        let training = HeadTraining(kind: .logistic(solver: .gradientDescent(stepSize: 0.05, iterations: 50)))
        let head = try training.run(samples, images: 50, pool: nil)
        try check(head, samples)
        #expect(throws: LearningError.diverged(.stepSize(0.05))) {
            try LogisticRegression(
                l2: 1e4, standardizes: true, solver: .gradientDescent(stepSize: 0.05, iterations: 50)
            ).fit(samples, pool: nil)
        }
    }

    @Test(arguments: [1e4, 1e8, 1e17, 1e30, 1e300], [1, 3])
    func `A perceptron that diverges names the learning rate`(learningRate: Double, epochs: Int) throws {
        for (images, seed) in [(40, 0 as UInt64), (140, 1)] {
            let samples = try Self.embeddings(images, features: 20)
            let training = HeadTraining(
                kind: .perceptron(
                    PerceptronTraining(hiddenUnits: 8, learningRate: learningRate, maximumEpochs: epochs)), seed: seed)
            do {
                try check(training.run(samples, images: images, pool: nil), samples)
                #expect(learningRate < 1e17)
            } catch { #expect("\(error)".contains("learning_rate=\(learningRate); try a smaller one"), "\(error)") }
        }
    }

    @Test func `The loss after the last step counts`() throws {
        let samples = try Self.embeddings(40, features: 20)
        let training = PerceptronTraining(hiddenUnits: 8, learningRate: 1e17, maximumEpochs: 1)
        #expect(throws: LearningError.diverged(.learningRate(1e17))) { try training.fit(samples, pool: nil) }
    }

    @Test(arguments: [0, 1e-300, 1e10, 1e40, 1e300, Double.greatestFiniteMagnitude], [true, false])
    func `Any strength of the penalty gives finite heads, or is named`(l2: Double, standardizes: Bool) throws {
        let samples = try Self.embeddings(40, features: 20)
        for kind in [
            HeadTraining.Kind.logistic(), .logistic(solver: .gradientDescent(iterations: 20)),
            .perceptron(PerceptronTraining(hiddenUnits: 8, maximumEpochs: 3)),
        ] {
            let training = HeadTraining(kind: kind, l2: l2, standardizes: standardizes, noveltyMethod: .energy)
            do {
                try check(training.run(samples, images: 40, pool: nil), samples)
            } catch { #expect("\(error)".contains("l2=\(l2); try a smaller one"), "\(error)") }
        }
    }

    @Test(arguments: [1e-38, 1e-20, 1e15, 1e18, 1e30]) func `Features of any size give finite heads, or a reason`(
        scale: Float
    ) throws {
        let small = try Self.embeddings(40, features: 20)
        let values = (0..<40).flatMap { small.features.row($0).map { ($0 - 0.5) * scale } }
        let samples = try LabelledFeatures(
            features: FeatureMatrix(values, count: 40, features: 20, pool: nil), labels: small.labels,
            classes: small.classes)
        for standardizes in [true, false] {
            for kind in [
                HeadTraining.Kind.logistic(), .logistic(solver: .gradientDescent(iterations: 20)),
                .perceptron(PerceptronTraining(hiddenUnits: 8, maximumEpochs: 3)),
            ] {
                let training = HeadTraining(kind: kind, standardizes: standardizes)
                do {
                    try check(training.run(samples, images: 40, pool: nil), samples)
                } catch { #expect(error is LearningError, "\(error)") }
            }
        }
    }

    @Test func `Probabilities that are not numbers are refused, where they once ended the process`() throws {
        for value in [Float.nan, .infinity, -.infinity] {
            let scores = try ClassScores([0.5, 0.5, value, 0.5], classes: 2)
            #expect(throws: LearningError.scoreNotFinite(sample: 1)) {
                try ClassificationMetrics(probabilities: scores, labels: [0, 0])
            }
            #expect(throws: LearningError.scoreNotFinite(sample: 1)) {
                try TemperatureScaling.fit(logits: scores, labels: [0, 0])
            }
            #expect(throws: LearningError.scoreNotFinite(sample: 1)) {
                try LabelSuspect.find(probabilities: scores, labels: [0, 0])
            }
        }
        // Finite, if no probability.
        let metrics = try ClassificationMetrics(probabilities: ClassScores([1e38, -1e38], classes: 2), labels: [0])
        #expect(metrics.accuracy == 1)
    }

    @Test func `A start that is not finite is told, not descended from`() throws {
        var lbfgs = LBFGS(tolerance: 1e-8, maximumIterations: 10)
        for (value, slope) in [(Double.nan, 1.0), (1, .nan), (.infinity, 1), (1, .infinity)] {
            let outcome = try lbfgs.minimize(
                from: [0, 0],
                evaluate: { _, gradient in
                    gradient = [slope, 0]
                    return value
                }, onIteration: { _, _, _ in })
            #expect(outcome == nil)
        }
    }

    private func check(_ head: TrainedHead, _ samples: LabelledFeatures) throws {
        let logits = try head.classifier.logits(samples.features, pool: nil)
        #expect(logits.values.allSatisfy { $0.isFinite })
        let probabilities = logits.softmax()
        #expect(probabilities.values.allSatisfy { $0.isFinite })
        let evaluation = head.evaluation
        let numbers =
            head.report.losses + [head.report.objective, head.report.gradientNorm, head.temperature, head.l2]
            + [
                evaluation.metrics.logLoss, evaluation.metrics.expectedCalibrationError,
                evaluation.uncalibrated.logLoss,
            ]
            + evaluation.learningCurve.map(\.logLoss)
        #expect(numbers.allSatisfy { $0.isFinite }, "\(numbers)")
    }
}
