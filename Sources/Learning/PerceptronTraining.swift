import Compute

/// Trains a perceptron of one hidden layer: minibatches in random order, Adam, dropout and early stopping.
///
/// Minimises
///
///     Σ_i w(y_i) · −log softmax(W₂·max(0, W₁·z_i + b₁) + b₂)[y_i]  +  λ/2 · (‖W₁‖² + ‖W₂‖²)
///
/// for standardised features z. λ means what it means to ``LogisticRegression``, and the penalty's gradient goes through Adam
/// with the loss's, as in scikit-learn's `MLPClassifier`. Not decoupled as in AdamW (Loshchilov and Hutter, 2019), whose result
/// would depend on the learning rate and on the number of steps, and minimise nothing that could be reported.
///
/// The same seed gives the same perceptron, bit for bit, with any number of threads.
public struct PerceptronTraining: Sendable, Equatable {
    public var hiddenUnits: Int
    /// The probability that a hidden unit is left out of a training step; at least 0, less than 1.
    public var dropout: Double
    public var learningRate: Double
    /// Samples of a minibatch at most. An epoch's minibatches differ in size by one.
    public var batchSize: Int
    public var maximumEpochs: Int
    /// Epochs without a smaller validation loss after which training stops.
    public var patience: Int
    /// λ, the strength of the penalty on both layers' weights.
    public var l2: Double
    /// Of the first weights, the order of the samples and the units left out.
    public var seed: UInt64
    public var classWeights: ClassWeights
    /// Whether features are divided by their standard deviation for the training; the perceptron is for raw ones all the same.
    public var standardizes: Bool

    /// The defaults were among the best, by log-loss and accuracy, of dropouts from 0 to 0.7, λ from 0 to 100 and minibatches from
    /// 16 to 128 on EfficientNet-Lite0's embeddings of 10, 30 and 100 Fashion-MNIST images a class.
    public init(
        hiddenUnits: Int = 128, dropout: Double = 0.2, learningRate: Double = 1e-3, batchSize: Int = 32,
        maximumEpochs: Int = 200, patience: Int = 20, l2: Double = 10, seed: UInt64 = 0,
        classWeights: ClassWeights = .uniform, standardizes: Bool = true
    ) {
        self.hiddenUnits = hiddenUnits
        self.dropout = dropout
        self.learningRate = learningRate
        self.batchSize = batchSize
        self.maximumEpochs = maximumEpochs
        self.patience = patience
        self.l2 = l2
        self.seed = seed
        self.classWeights = classWeights
        self.standardizes = standardizes
    }

    /// - Parameters:
    ///   - validation: with these, training stops when their loss has not fallen for ``patience`` epochs, and the result is the
    ///     epoch of the smallest; without, after ``maximumEpochs``.
    ///   - observer: called after each epoch. `loss` is the mean over its minibatches, with dropout, and the penalty;
    ///     `gradientNorm` is of the last minibatch.
    /// - Returns: a perceptron, and a report whose losses end with the epoch that it comes from: to train again on all samples,
    ///   set ``maximumEpochs`` to `losses.count - 1`. It converged if training stopped early.
    ///   All of their numbers are finite.
    /// - Throws: `LearningError` where a setting is out of range, the validation samples have other features or classes, or the
    ///   loss grew beyond all bounds; and what `observer` throws.
    public func fit(
        _ samples: LabelledFeatures, validation: LabelledFeatures? = nil, pool: ComputePool?,
        observer: FitObserver = { _ in }
    ) throws -> (perceptron: MultilayerPerceptron, report: FitReport) {
        try checkSettings()
        try Self.check(validation, against: samples)
        let shape = try PerceptronShape(
            features: samples.features.features, hiddenUnits: hiddenUnits, classes: samples.classes.count)
        let standardization =
            standardizes
            ? Standardization(of: samples.features, pool: pool) : Standardization(centring: samples.features)
        let objective = try PerceptronObjective(
            samples: samples, shape: shape, classWeights: classWeights.values(for: samples), l2: l2,
            standardization: standardization, pool: pool)
        var random = SplitMix64(seed: seed)
        let outcome = try minimize(
            objective, from: shape.initialParameters(&random), samples: samples, validation: validation,
            random: &random,
            pool: pool, observer: observer)
        let result = outcome.parameters
        // The losses are from before each step: the result's is new.
        let value = objective.meanLoss(result, of: samples) + objective.penalty(result)
        let total = value * objective.totalWeight
        let perceptron = try shape.perceptron(result, standardization: standardization, classes: samples.classes)
        guard total.isFinite, value <= Self.largestGrowth * outcome.losses[0], perceptron.isFinite else {
            throw divergence(objective)
        }
        return (
            perceptron,
            FitReport(
                objective: total, losses: outcome.losses, gradientNorm: outcome.gradientNorm,
                converged: outcome.stoppedEarly)
        )
    }

    /// Why a loss is not finite.
    private func divergence(_ objective: PerceptronObjective) -> LearningError {
        let isPenaltyFinite = Float(l2 / objective.totalWeight).isFinite
        return .diverged(isPenaltyFinite ? .learningRate(learningRate) : .penaltyTooStrong(l2: l2))
    }

    /// Of the loss, from before the first step to the end. It may rise, while dropout or a strong penalty have their way, but a
    /// hundredfold loss is worse than any weights to start from.
    private static let largestGrowth = 100.0

    private struct Outcome {
        var parameters: [Float]
        var losses: [Double]
        var gradientNorm = 0.0
        var validationLoss: Double?
        var stoppedEarly = false
    }

    private func minimize(
        _ objective: PerceptronObjective, from start: [Float], samples: LabelledFeatures, validation: LabelledFeatures?,
        random: inout SplitMix64, pool: ComputePool?, observer: FitObserver
    ) throws -> Outcome {
        let count = samples.labels.count
        let batches = (count - 1) / batchSize + 1
        var adam = Adam(learningRate: learningRate, parameters: start.count)
        var gradient = [Float](repeating: 0, count: start.count)
        var last = Outcome(
            parameters: start, losses: [objective.meanLoss(start, of: samples) + objective.penalty(start)],
            validationLoss: validation.map { objective.meanLoss(start, of: $0) })
        guard last.losses[0].isFinite else { throw divergence(objective) }
        var best = last
        for epoch in 1...maximumEpochs {
            let order = random.permutation(count)
            var loss = 0.0
            for batch in 0..<batches {
                let part = order[batch * count / batches..<(batch + 1) * count / batches]
                let value = objective.evaluate(
                    last.parameters, batch: part, dropout: dropout, random: &random, gradient: &gradient)
                loss += value * Double(part.count) / Double(count)
                adam.step(&last.parameters, gradient: gradient, pool: pool)
            }
            loss += objective.penalty(last.parameters)
            last.losses.append(loss)
            last.gradientNorm = VectorArithmetic.maximumNorm(gradient.map(Double.init))
            last.validationLoss = validation.map { objective.meanLoss(last.parameters, of: $0) }
            guard loss.isFinite, last.gradientNorm.isFinite, last.validationLoss?.isFinite != false else {
                throw divergence(objective)
            }
            try observer(
                FitProgress(
                    iteration: epoch, loss: loss, gradientNorm: last.gradientNorm, validationLoss: last.validationLoss))
            guard let found = last.validationLoss, let smallest = best.validationLoss else { continue }
            if found < smallest {
                best = last
            } else if epoch - (best.losses.count - 1) >= patience {
                best.stoppedEarly = true
                return best
            }
        }
        return validation == nil ? last : best
    }

    private func checkSettings() throws(LearningError) {
        try LearningError.check(hiddenUnits > 0, "the hidden units", "positive", Double(hiddenUnits))
        try LearningError.check(dropout >= 0 && dropout < 1, "the dropout", "at least 0 and less than 1", dropout)
        try LearningError.check(
            learningRate > 0 && learningRate.isFinite, "the learning rate", "positive", learningRate)
        try LearningError.check(batchSize > 0, "the batch size", "positive", Double(batchSize))
        try LearningError.check(maximumEpochs > 0, "the epochs", "positive", Double(maximumEpochs))
        try LearningError.check(patience > 0, "the patience", "positive", Double(patience))
        try LearningError.check(l2 >= 0 && l2.isFinite, "the L2 strength", "at least 0", l2)
    }

    private static func check(
        _ validation: LabelledFeatures?, against samples: LabelledFeatures
    ) throws(LearningError) {
        guard let validation else { return }
        let (expected, found) = (samples.features.features, validation.features.features)
        guard expected == found else {
            throw .sizeMismatch(what: "features of the validation samples", expected: expected, found: found)
        }
        guard samples.classes.count == validation.classes.count else {
            throw .sizeMismatch(
                what: "classes of the validation samples", expected: samples.classes.count,
                found: validation.classes.count)
        }
    }
}
