import Compute

extension Graph {
    /// A batch normalisation is affine, so the convolution before it can do it: `W′ = s·W`, `b′ = s·(b − mean) + bias`
    /// with `s = scale / √(variance + ε)`, a channel each; in double precision.
    mutating func foldBatchNormalizations() {
        let uses = ValueUses(self)
        var replacements: [ValueID: ValueID] = [:]
        for index in nodes.indices {
            guard case .batchNormalization(let normalization) = nodes[index].operation,
                let producer = uses.soleProducer(of: nodes[index].inputs[0]),
                case .convolution(let convolution) = nodes[producer].operation,
                convolution.activation == .identity, !convolution.addsResidual,
                let folded = convolution.absorbing(normalization)
            else { continue }
            nodes[producer].operation = .convolution(folded)
            replacements[nodes[index].output] = nodes[producer].output
        }
        removeNodes(replacing: replacements)
    }
}

extension BatchNormalization {
    /// `x · scale + shift`, a channel each.
    var affine: (scale: [Double], shift: [Double]) {
        let scales = zip(scale.values, variance.values).map { scale, variance in
            Double(scale) / (Double(variance) + Double(epsilon)).squareRoot()
        }
        let shifts = zip(zip(bias.values, mean.values), scales).map { statistics, scale in
            Double(statistics.0) - Double(statistics.1) * scale
        }
        return (scales, shifts)
    }
}

extension Convolution {
    fileprivate func absorbing(_ normalization: BatchNormalization) -> Convolution? {
        let (scale, shift) = normalization.affine
        let filter = weights.count / scale.count
        var folded = self
        let scaled = try? Tensor(shape: weights.shape) { target in
            weights.withUnsafeBufferPointer { source in
                for index in source.indices {
                    target.initializeElement(at: index, to: Float(Double(source[index]) * scale[index / filter]))
                }
            }
        }
        let biases = bias?.values ?? [Float](repeating: 0, count: scale.count)
        let shifted = zip(biases, zip(scale, shift)).map { Float(Double($0) * $1.0 + $1.1) }
        guard let scaled, let bias = try? Tensor(shape: [scale.count], values: shifted) else { return nil }
        folded.weights = scaled
        folded.weightScales = weightScales.flatMap { scales in
            guard scale.allSatisfy({ $0 > 0 }) else { return nil }
            let products = zip(scales.values, scale).map { Float(Double($0) * $1) }
            return try? Tensor(shape: scales.shape, values: products)
        }
        folded.bias = bias
        return folded
    }
}
