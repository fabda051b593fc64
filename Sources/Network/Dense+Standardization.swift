import Compute

extension Dense {
    /// The layer that answers for `x` what this one answers for `(x − mean) / standardDeviation`, feature by feature:
    /// `W′ = W / σ`, `b′ = b − W′·mean`, in double precision.
    ///
    /// - Parameters:
    ///   - mean: `[inputs]`
    ///   - standardDeviation: `[inputs]`, above 0; of a feature that never changes, 1.
    /// - Throws: ``TensorError`` where the weights are not `[outputs, inputs]`, or there are not as many means, deviations
    ///   or biases.
    public func standardizing(mean: Tensor, standardDeviation: Tensor) throws(TensorError) -> Dense {
        guard weights.shape.count == 2 else { throw .invalidShape(weights.shape) }
        let (outputs, inputs) = (weights.shape[0], weights.shape[1])
        let biases = bias?.values ?? Array(repeating: 0, count: outputs)
        for (count, expected) in [(mean.count, inputs), (standardDeviation.count, inputs), (biases.count, outputs)]
        where count != expected {
            throw .countMismatch(shape: [expected], expected: expected, found: count)
        }
        let (means, deviations) = (mean.values.map(Double.init), standardDeviation.values.map(Double.init))
        var shifted = biases.map(Double.init)
        let scaled = try Tensor(shape: weights.shape) { target in
            weights.withUnsafeBufferPointer { source in
                for index in source.indices {
                    let (output, input) = index.quotientAndRemainder(dividingBy: inputs)
                    let weight = Double(source[index]) / deviations[input]
                    target.initializeElement(at: index, to: Float(weight))
                    shifted[output] -= weight * means[input]
                }
            }
        }
        var folded = self
        folded.weights = scaled
        // A column each: not on a row's grid any more.
        folded.weightScales = nil
        folded.bias = try Tensor(shape: [outputs], values: shifted.map(Float.init))
        return folded
    }
}
