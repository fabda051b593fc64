/// Limited-memory BFGS: minimises a smooth function from its values and gradients.
///
/// Nocedal and Wright, "Numerical Optimization", 2nd edition, 2006, algorithms 7.4 (the direction) and 7.5.
struct LBFGS {
    /// Stops where no component of the gradient is larger, and the decrease still to be expected is smaller than a tenth of this
    /// part of the value: what is remembered of the curvature makes it too small rather than too large.
    var tolerance: Double
    var maximumIterations: Int
    var lineSearch = StrongWolfeLineSearch()

    /// A value below which the decrease may be as large as at it: a function that falls towards zero would never be done.
    private static let smallestValue = 1e-3

    /// Where a minimisation ended.
    struct Outcome {
        var point: [Double]
        var value: Double
        /// The gradient's largest component.
        var gradientNorm: Double
        var iterations: Int
        var converged: Bool
    }

    private struct Pair {
        var step: [Double]
        var gradientDifference: [Double]
        var curvature: Double
    }

    private var pairs: [Pair] = []

    init(tolerance: Double, maximumIterations: Int) {
        self.tolerance = tolerance
        self.maximumIterations = maximumIterations
    }

    /// What was learned of the curvature is kept for the next call, which may minimise a similar function.
    ///
    /// - Parameter onIteration: called after each; by throwing it ends the minimisation.
    /// - Returns: a point whose value and gradient are finite; `nil` where those of `start` are not.
    mutating func minimize(
        from start: [Double], evaluate: (_ point: [Double], _ gradient: inout [Double]) throws -> Double,
        onIteration: (_ iteration: Int, _ value: Double, _ gradientNorm: Double) throws -> Void
    ) throws -> Outcome? {
        var gradient = [Double](repeating: 0, count: start.count)
        var trialGradient = gradient
        var trialPoint = start
        var outcome = Outcome(point: start, value: 0, gradientNorm: 0, iterations: 0, converged: false)
        outcome.value = try evaluate(start, &gradient)
        outcome.gradientNorm = VectorArithmetic.maximumNorm(gradient)
        guard outcome.value.isFinite, outcome.gradientNorm.isFinite else { return nil }
        try onIteration(0, outcome.value, outcome.gradientNorm)
        while true {
            var direction = self.direction(gradient)
            var slope = VectorArithmetic.dot(direction, gradient)
            // Half the square of Newton's decrement, of the estimated Hessian: Boyd and Vandenberghe, "Convex Optimization",
            // 2004, section 9.5.1. The gradient alone does not tell how far the value is from its minimum.
            let expected = -slope / 2
            outcome.converged =
                outcome.gradientNorm <= tolerance
                && expected <= tolerance / 10 * max(abs(outcome.value), Self.smallestValue)
            if outcome.converged || outcome.iterations == maximumIterations { return outcome }
            if slope >= 0 {
                pairs.removeAll()
                direction = gradient.map { -$0 }
                slope = -VectorArithmetic.dot(gradient, gradient)
            }
            let length = VectorArithmetic.dot(gradient, gradient).squareRoot()
            let found = try lineSearch.search(
                value: outcome.value, slope: slope, initialStep: pairs.isEmpty ? min(1, 1 / length) : 1
            ) { step in
                trialPoint = outcome.point
                VectorArithmetic.add(step, direction, to: &trialPoint)
                let value = try evaluate(trialPoint, &trialGradient)
                return (value, VectorArithmetic.dot(direction, trialGradient))
            }
            guard let found else {
                // Old curvature may mislead; without any, rounding errors are all that is left to gain.
                if pairs.isEmpty {
                    outcome.converged = outcome.gradientNorm <= tolerance
                    return outcome
                }
                pairs.removeAll()
                continue
            }
            remember(step: direction.map { found.step * $0 }, from: gradient, to: trialGradient)
            swap(&outcome.point, &trialPoint)
            swap(&gradient, &trialGradient)
            outcome.value = found.value
            outcome.gradientNorm = VectorArithmetic.maximumNorm(gradient)
            outcome.iterations += 1
            try onIteration(outcome.iterations, outcome.value, outcome.gradientNorm)
        }
    }

    private mutating func remember(step: [Double], from old: [Double], to new: [Double]) {
        var difference = new
        VectorArithmetic.add(-1, old, to: &difference)
        let curvature = VectorArithmetic.dot(step, difference)
        guard curvature > 1e-14 * VectorArithmetic.dot(difference, difference) else { return }
        // The usual 10 took 1.5 to 2 times as many iterations on EfficientNet's embeddings. Large problems have fewer than 40,
        // so that they take no more than 64 MB.
        let memory = max(10, min(40, (1 << 22) / step.count))
        if pairs.count >= memory { pairs.removeFirst() }
        pairs.append(Pair(step: step, gradientDifference: difference, curvature: curvature))
    }

    /// −H·gradient, H being the inverse Hessian's estimate: the two-loop recursion.
    private func direction(_ gradient: [Double]) -> [Double] {
        var direction = gradient.map { -$0 }
        guard let last = pairs.last else { return direction }
        var factors: [Double] = []
        for pair in pairs.reversed() {
            let factor = VectorArithmetic.dot(pair.step, direction) / pair.curvature
            VectorArithmetic.add(-factor, pair.gradientDifference, to: &direction)
            factors.append(factor)
        }
        let scale = last.curvature / VectorArithmetic.dot(last.gradientDifference, last.gradientDifference)
        for index in direction.indices { direction[index] *= scale }
        for (pair, factor) in zip(pairs, factors.reversed()) {
            let correction = VectorArithmetic.dot(pair.gradientDifference, direction) / pair.curvature
            VectorArithmetic.add(factor - correction, pair.step, to: &direction)
        }
        return direction
    }
}
