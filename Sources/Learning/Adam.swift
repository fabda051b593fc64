import Compute

/// Adam: steps against the gradient, each parameter's divided by the root of its squared gradients' moving mean.
///
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1:
///
///     m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²,   θ ← θ − learningRate · m̂ / (√v̂ + ε)
///     m̂ = m / (1 − β₁ᵗ),   v̂ = v / (1 − β₂ᵗ)
struct Adam {
    let learningRate: Double
    let firstDecay = 0.9
    let secondDecay = 0.999
    let epsilon = 1e-8
    private(set) var steps = 0
    private var firstMoment: [Float]
    private var secondMoment: [Float]

    init(learningRate: Double, parameters: Int) {
        self.learningRate = learningRate
        firstMoment = Array(repeating: 0, count: parameters)
        secondMoment = Array(repeating: 0, count: parameters)
    }

    /// One step of all parameters.
    mutating func step(_ parameters: inout [Float], gradient: [Float], pool: ComputePool?) {
        steps += 1
        let (beta1, beta2) = (Float(firstDecay), Float(secondDecay))
        let (rest1, rest2) = (Float(1 - firstDecay), Float(1 - secondDecay))
        // θ −= rate · m / (√v · root + ε): the two corrections of the bias, once a step.
        let rate = Float(learningRate / (1 - power(firstDecay, steps)))
        let root = Float(1 / (1 - power(secondDecay, steps)).squareRoot())
        let epsilon = Float(epsilon)
        let count = gradient.count
        let chunk = 1 << 14
        parameters.withUnsafeMutableBufferPointer { parameters in
            firstMoment.withUnsafeMutableBufferPointer { first in
                secondMoment.withUnsafeMutableBufferPointer { second in
                    gradient.withUnsafeBufferPointer { gradient in
                        nonisolated(unsafe) let (parameters, first, second) = (parameters, first, second)
                        ComputePool.run(on: pool, (count + chunk - 1) / chunk) { index, _ in
                            for at in index * chunk..<min(count, (index + 1) * chunk) {
                                let slope = gradient[at]
                                let mean = beta1 * first[at] + rest1 * slope
                                let square = beta2 * second[at] + rest2 * slope * slope
                                first[at] = mean
                                second[at] = square
                                parameters[at] -= rate * mean / (square.squareRoot() * root + epsilon)
                            }
                        }
                    }
                }
            }
        }
    }

    /// By squaring: the same bits on every machine, unlike `pow`.
    private func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, factor, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
