/// Steps of fixed size against the gradient: θ ← θ − stepSize · ∇f(θ).
struct GradientDescent {
    var stepSize: Double
    var iterations: Int

    /// Of values that are sums in float32.
    private static let rounding = 1e-6

    /// Always does all iterations, except from a stationary point; converged means that it came to one.
    ///
    /// - Throws: ``Divergence/stepSize(_:)`` where a value or gradient is not finite, or the last value is larger than the first:
    ///   with large steps this function need not overflow, it may swing about for ever.
    func minimize(
        from start: [Double], evaluate: (_ point: [Double], _ gradient: inout [Double]) throws -> Double,
        onIteration: (_ iteration: Int, _ value: Double, _ gradientNorm: Double) throws -> Void
    ) throws -> LBFGS.Outcome {
        var gradient = [Double](repeating: 0, count: start.count)
        var outcome = LBFGS.Outcome(point: start, value: 0, gradientNorm: 0, iterations: 0, converged: false)
        var first: Double?
        while true {
            outcome.value = try evaluate(outcome.point, &gradient)
            outcome.gradientNorm = VectorArithmetic.maximumNorm(gradient)
            let isLast = outcome.iterations == iterations
            guard outcome.value.isFinite, outcome.gradientNorm.isFinite,
                !isLast || outcome.value <= (first ?? outcome.value) * (1 + Self.rounding)
            else { throw LearningError.diverged(.stepSize(stepSize)) }
            first = first ?? outcome.value
            outcome.converged = outcome.gradientNorm == 0
            try onIteration(outcome.iterations, outcome.value, outcome.gradientNorm)
            if outcome.converged || isLast { return outcome }
            VectorArithmetic.add(-stepSize, gradient, to: &outcome.point)
            outcome.iterations += 1
        }
    }
}
