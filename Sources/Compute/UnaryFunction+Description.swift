extension UnaryFunction: CustomStringConvertible {
    /// In words, as `leaky ReLU of slope 0.01`.
    public var description: String {
        switch self {
        case .sigmoid: "sigmoid"
        case .tanh: "tanh"
        case .exp: "exp"
        case .log: "log"
        case .sqrt: "square root"
        case .erf: "erf"
        case .negate: "negate"
        case .absolute: "absolute"
        case .reciprocal: "reciprocal"
        case .softplus: "softplus"
        case .softsign: "softsign"
        case .mish: "Mish"
        case .round: "round"
        case .floor: "floor"
        case .ceil: "ceiling"
        case .silu: "SiLU"
        case .hardSwish: "hard swish"
        case .hardSigmoid(let alpha, let beta): "hard sigmoid of \(alpha)·x + \(beta)"
        case .leakyReLU(let alpha): "leaky ReLU of slope \(alpha)"
        case .elu(let alpha): "ELU of α \(alpha)"
        case .selu(let alpha, let gamma): "SELU of α \(alpha), γ \(gamma)"
        case .gelu: "GELU"
        case .geluTanh: "GELU by tanh"
        case .quantize(let scale, let zeroPoint, let lower, let upper):
            "quantize by \(scale) from \(zeroPoint) to [\(lower), \(upper)]"
        }
    }
}
