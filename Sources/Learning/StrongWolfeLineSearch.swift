/// Finds a step along a descent direction that satisfies the strong Wolfe conditions.
///
/// Nocedal and Wright, "Numerical Optimization", 2nd edition, 2006, algorithms 3.5 and 3.6, with cubic interpolation (3.59).
struct StrongWolfeLineSearch {
    /// c₁: the decrease asked for, as a part of what the slope promises.
    var sufficientDecrease = 1e-4
    /// c₂: how much of the slope may be left.
    var curvature = 0.9
    var maximumEvaluations = 25
    /// Differences of the function below this part of it are rounding errors of float32: there the slope alone decides,
    /// as in Hager and Zhang, "A New Conjugate Gradient Method with Guaranteed Descent", 2005.
    var rounding = 1e-7

    struct Sample {
        var step: Double
        var value: Double
        var slope: Double
    }

    /// A step that satisfies the conditions, the last one evaluated; `nil` where none was found.
    func search(
        value: Double, slope: Double, initialStep: Double,
        evaluate: (_ step: Double) throws -> (value: Double, slope: Double)
    ) rethrows -> Sample? {
        let start = Sample(step: 0, value: value, slope: slope)
        let slack = rounding * abs(value)
        func isLow(_ sample: Sample) -> Bool {
            sample.value <= value + sufficientDecrease * sample.step * slope + slack
        }
        func isFlat(_ sample: Sample) -> Bool { abs(sample.slope) <= -curvature * slope }

        var evaluations = 0
        func sample(_ step: Double) throws -> Sample {
            evaluations += 1
            let result = try evaluate(step)
            return Sample(step: step, value: result.value, slope: result.slope)
        }

        // Algorithm 3.6: between `low`, the best so far, and `high` lies a step that satisfies the conditions.
        func zoom(_ low: Sample, _ high: Sample) throws -> Sample? {
            var (low, high) = (low, high)
            while evaluations < maximumEvaluations, abs(high.step - low.step) > 1e-12 * max(1, low.step) {
                let trial = try sample(Self.interpolate(low, high))
                if !isLow(trial) || trial.value > low.value + slack {
                    high = trial
                } else {
                    if isFlat(trial) { return trial }
                    if trial.slope * (high.step - low.step) >= 0 { high = low }
                    low = trial
                }
            }
            return nil
        }

        var previous = start
        var step = initialStep
        while evaluations < maximumEvaluations {
            let trial = try sample(step)
            guard trial.value.isFinite, trial.slope.isFinite else {
                step = (previous.step + step) / 2
                continue
            }
            if !isLow(trial) || (previous.step > 0 && trial.value > previous.value + slack) {
                return try zoom(previous, trial)
            }
            if isFlat(trial) { return trial }
            if trial.slope >= 0 { return try zoom(trial, previous) }
            previous = trial
            step *= 2
        }
        return nil
    }

    /// The minimiser of the cubic through both values and slopes, kept off the ends; the middle where there is none.
    private static func interpolate(_ a: Sample, _ b: Sample) -> Double {
        let width = b.step - a.step
        let d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step)
        let square = d1 * d1 - a.slope * b.slope
        guard square >= 0 else { return a.step + width / 2 }
        let d2 = square.squareRoot() * (width < 0 ? -1 : 1)
        let step = b.step - width * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
        let part = (step - a.step) / width
        return part.isFinite && part > 0.05 && part < 0.95 ? step : a.step + width / 2
    }
}
