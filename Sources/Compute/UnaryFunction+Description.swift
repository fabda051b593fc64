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
        case .quantize(let grid): "quantize by \(grid)"
        case .roundToGrid(let grid): "round to grid of \(grid)"
        }
    }
}

extension QuantizationGrid: CustomStringConvertible {
    /// In words, as `0.5 from 3.0 to [0.0, 255.0]`.
    public var description: String { "\(scale) from \(zeroPoint) to [\(lower), \(upper)]" }
}
