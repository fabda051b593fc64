import Compute

/// Multinomial logistic regression with an L2 penalty on the weights, not on the biases:
///
///     minimise  Σ_i w(y_i) · −log softmax(W·x_i + b)[y_i]  +  λ/2 · ‖W‖²
///
/// This is scikit-learn's `LogisticRegression(C=1/λ)` for three classes and more. For two, scikit-learn fits the one vector
/// w = W₁ − W₀ with λ/2·‖w‖²; here ‖W‖² is half of ‖w‖², so that `C = 2/λ` gives the same probabilities.
public struct LogisticRegression: Sendable {
    public enum Solver: Sendable, Equatable {
        /// L-BFGS with a strong-Wolfe line search, from zero until no component of the gradient of the objective, divided
        /// by Σ w, exceeds `tolerance`, and the decrease still to be expected is small beside the objective. The first alone
        /// is scikit-learn's `tol`: its 1e-4 leaves objectives of well separated classes 40 % above the optimum, and 1e-6 left
        /// 4e-5 of one. Both left at most 5e-6, for λ of 1 and more.
        case lbfgs(tolerance: Double = 1e-6, maximumIterations: Int = 1000)
        /// θ ← θ − stepSize · ∇(objective / Σ w), the features' mean subtracted; stops early at a gradient of zero. Without a step
        /// size it is one over the largest curvature, which descends steadily.
        case gradientDescent(stepSize: Double? = nil, iterations: Int)
    }

    /// λ, the strength of the penalty: 1/C.
    public var l2: Double
    public var classWeights: ClassWeights
    /// Whether the penalty is on the weights of standardised features; the head's weights are for raw ones all the same.
    public var standardizes: Bool
    public var solver: Solver

    public init(
        l2: Double = 1, classWeights: ClassWeights = .uniform, standardizes: Bool = false, solver: Solver = .lbfgs()
    ) {
        self.l2 = l2
        self.classWeights = classWeights
        self.standardizes = standardizes
        self.solver = solver
    }

    /// - Parameters:
    ///   - start: a head fitted to similar samples, to begin from; the optimum is the same.
    /// - Throws: `LearningError` where a setting is out of range or makes the fit diverge, and what `observer` throws.
    /// - Returns: a head of finite weights, and a report of finite numbers.
    public func fit(
        _ samples: LabelledFeatures, startingFrom start: LinearHead? = nil, pool: ComputePool?,
        observer: FitObserver = { _ in }
    ) throws -> (head: LinearHead, report: FitReport) {
        try LearningError.check(l2 >= 0 && l2.isFinite, "the L2 strength", "at least 0", l2)
        let standardization =
            standardizes
            ? Standardization(of: samples.features, pool: pool) : Standardization(centring: samples.features)
        let objective = try SoftmaxObjective(
            samples: samples, classWeights: classWeights.values(for: samples), l2: l2, standardization: standardization,
            pool: pool)
        var losses: [Double] = []
        let outcome = try minimize(objective, from: try objective.point(of: start)) { iteration, loss, norm in
            losses.append(loss)
            try observer(FitProgress(iteration: iteration, loss: loss, gradientNorm: norm))
        }
        let (weights, biases) = objective.foldedWeights(outcome.point)
        let head = try LinearHead(
            classes: samples.classes, features: samples.features.features, weights: weights, biases: biases)
        let total = outcome.value * objective.totalWeight
        guard head.isFinite, total.isFinite else { throw divergence }
        let report = FitReport(
            objective: total, losses: losses, gradientNorm: outcome.gradientNorm,
            converged: outcome.converged)
        return (head, report)
    }

    private func minimize(
        _ objective: SoftmaxObjective, from start: [Double], onIteration: (Int, Double, Double) throws -> Void
    ) throws -> LBFGS.Outcome {
        switch solver {
        case .lbfgs(let tolerance, let maximumIterations):
            try LearningError.check(tolerance > 0, "the tolerance", "positive", tolerance)
            try LearningError.check(maximumIterations > 0, "the iterations", "positive", Double(maximumIterations))
            var lbfgs = LBFGS(tolerance: tolerance, maximumIterations: maximumIterations)
            guard
                let outcome = try lbfgs.minimize(
                    from: start, evaluate: objective.evaluate, onIteration: onIteration)
            else { throw divergence }
            return outcome
        case .gradientDescent(let stepSize, let iterations):
            if let stepSize {
                try LearningError.check(stepSize > 0 && stepSize.isFinite, "the step size", "positive", stepSize)
            }
            try LearningError.check(iterations > 0, "the iterations", "positive", Double(iterations))
            let descent = try GradientDescent(
                stepSize: stepSize ?? 1 / objective.largestCurvature(), iterations: iterations)
            return try descent.minimize(from: start, evaluate: objective.evaluate, onIteration: onIteration)
        }
    }

    /// Why what a fit gave is not finite.
    private var divergence: LearningError {
        if case .gradientDescent(let stepSize?, _) = solver {
            .diverged(.stepSize(stepSize))
        } else {
            .diverged(.penaltyTooWeak(l2: l2))
        }
    }
}
