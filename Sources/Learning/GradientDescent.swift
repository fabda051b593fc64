/// Steps of fixed size against the gradient: θ ← θ − stepSize · ∇f(θ).
struct GradientDescent {
    var stepSize: Double
    var iterations: Int

    /// Always does all iterations, except from a stationary point; converged means that it came to one.
    func minimize(
        from start: [Double], evaluate: (_ point: [Double], _ gradient: inout [Double]) throws -> Double,
        onIteration: (_ iteration: Int, _ value: Double, _ gradientNorm: Double) throws -> Void
    ) throws -> LBFGS.Outcome {
        var gradient = [Double](repeating: 0, count: start.count)
        var outcome = LBFGS.Outcome(point: start, value: 0, gradientNorm: 0, iterations: 0, converged: false)
        while true {
            outcome.value = try evaluate(outcome.point, &gradient)
            outcome.gradientNorm = VectorArithmetic.maximumNorm(gradient)
            outcome.converged = outcome.gradientNorm == 0
            try onIteration(outcome.iterations, outcome.value, outcome.gradientNorm)
            if outcome.converged || outcome.iterations == iterations { return outcome }
            VectorArithmetic.add(-stepSize, gradient, to: &outcome.point)
            outcome.iterations += 1
        }
    }
}
