import Compute

extension Operation: CustomStringConvertible {
    /// In words, as `convolution 3×3/2`.
    public var description: String {
        switch self {
        case .convolution(let convolution):
            convolution.kind + convolution.window.summary + (convolution.addsResidual ? " + residual" : "")
                + convolution.activation.summary
        case .transposedConvolution(let convolution): "transposed convolution " + convolution.window.summary
        case .batchNormalization: "batch normalization"
        case .instanceNormalization: "instance normalization"
        case .layerNormalization: "layer normalization"
        case .localResponseNormalization(let rule): "local response normalization over \(rule.size)"
        case .activation(let activation): "activation" + activation.summary
        case .maxPool(let window): "max pool " + window.summary
        case .averagePool(let window, _): "average pool " + window.summary
        case .globalAveragePool: "global average pool"
        case .dense(let dense): "dense" + dense.activation.summary
        case .add(let activation): "add" + activation.summary
        case .pad: "pad"
        case .flatten: "flatten"
        case .constant: "constant"
        case .unary(let function): "\(function)"
        case .binary(let function): function.rawValue
        case .softmax: "softmax"
        case .logSoftmax: "log-softmax"
        case .reduce(let reduction, let axes): "\(reduction.rawValue) over axes \(axes)"
        case .matrixProduct: "matrix product"
        case .concatenate: "concatenate"
        case .select: "select"
        case .transpose(let permutation): "transpose \(permutation)"
        case .reshape: "reshape"
        case .resample: "resample"
        case .linear(let dense): "linear" + dense.activation.summary
        }
    }

    /// The number of weights and biases.
    public var parameterCount: Int {
        switch self {
        case .convolution(let convolution): convolution.weights.count + (convolution.bias?.count ?? 0)
        case .dense(let dense), .linear(let dense): dense.weights.count + (dense.bias?.count ?? 0)
        case .batchNormalization(let normalization): normalization.scale.count + normalization.bias.count
        case .transposedConvolution(let convolution): convolution.weights.count + (convolution.bias?.count ?? 0)
        case .instanceNormalization(let normalization): normalization.scale.count + normalization.bias.count
        case .layerNormalization(let normalization): normalization.scale.count + (normalization.bias?.count ?? 0)
        case .constant(let tensor): tensor.count
        case .activation, .maxPool, .averagePool, .globalAveragePool, .add, .pad, .flatten, .softmax, .logSoftmax,
            .localResponseNormalization, .unary, .binary, .reduce, .matrixProduct, .concatenate, .select, .transpose,
            .reshape, .resample:
            0
        }
    }
}

extension Convolution {
    fileprivate var kind: String {
        if groups == 1 { return "convolution " }
        return groups == weights.shape.first ? "depthwise convolution " : "convolution in \(groups) groups "
    }
}

extension Window {
    fileprivate var summary: String {
        let stride = strideHeight == strideWidth ? "\(strideHeight)" : "(\(strideHeight),\(strideWidth))"
        return "\(kernelHeight)×\(kernelWidth)/\(stride)"
    }
}

extension Activation {
    fileprivate var summary: String {
        switch self {
        case .identity: ""
        case .relu: ", ReLU"
        case .relu6: ", ReLU6"
        case .clamp(let lower, let upper): ", clamp [\(lower), \(upper)]"
        }
    }
}
