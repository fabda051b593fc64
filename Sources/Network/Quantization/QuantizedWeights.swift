import Compute

/// Weights rounded to int8, each output's by a scale of its own: symmetric, the largest becomes ±127.
struct QuantizedWeights {
    /// The multiples times their scales: `[outputs, …]`, as the weights were.
    let weights: Tensor
    /// `[outputs]`
    let scales: Tensor

    /// Throws ``TensorError`` where the weights have no outputs.
    init(_ original: Tensor) throws(TensorError) {
        guard let outputs = original.shape.first, outputs > 0, original.count > 0 else {
            throw .invalidShape(original.shape)
        }
        let values = original.values
        let stride = values.count / outputs
        let scales = (0..<outputs).map { output in
            let largest = values[output * stride..<(output + 1) * stride].reduce(0) { max($0, abs($1)) }
            // Of an output without weights, or with such that no float32 is a 127th of them, any.
            return (largest / 127).isNormal ? largest / 127 : 1
        }
        weights = try Tensor(
            shape: original.shape,
            values: values.enumerated().map { index, value in
                let scale = scales[index / stride]
                return min(max((value / scale).rounded(.toNearestOrEven), -127), 127) * scale
            })
        self.scales = try Tensor(shape: [outputs], values: scales)
    }

    /// What rounding the weights adds to each output on average, `[outputs]`, where the inputs have these means.
    ///
    /// - Parameter means: of each input channel, of all groups.
    func shift(from original: Tensor, means: [Float], groups: Int) -> [Float] {
        let (rounded, exact, outputs) = (weights.values, original.values, scales.count)
        let channels = means.count / groups
        let stride = rounded.count / outputs
        guard channels > 0, stride.isMultiple(of: channels) else { return Array(repeating: 0, count: outputs) }
        let kernel = stride / channels
        return (0..<outputs).map { output in
            let first = output / (outputs / groups) * channels
            return (0..<stride).reduce(Float(0)) { sum, index in
                let position = output * stride + index
                return sum + (rounded[position] - exact[position]) * means[first + index / kernel]
            }
        }
    }
}

extension QuantizedWeights {
    /// `bias − shift` in whole multiples of what the products are made of, as int32 holds them; as it is where one is too large for
    /// that. `nil` where there was none and nothing is shifted.
    func bias(_ bias: Tensor?, less shift: [Float], inputScale: Float) throws(TensorError) -> Tensor? {
        if bias == nil, shift.allSatisfy({ $0 == 0 }) { return nil }
        let exact = zip(bias?.values ?? Array(repeating: 0, count: shift.count), shift).map { $0 - $1 }
        let units = scales.values.map { inputScale * $0 }
        let multiples = zip(exact, units).map { ($0 / $1).rounded(.toNearestOrEven) }
        let fits = multiples.allSatisfy { abs($0) < 0x1p31 }
        return try Tensor(shape: scales.shape, values: fits ? zip(multiples, units).map { $0 * $1 } : exact)
    }
}
