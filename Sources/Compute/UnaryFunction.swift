/// A function of one number, applied to each element of an array. Named and defined as by ONNX.
public enum UnaryFunction: Sendable, Hashable {
    case sigmoid, tanh, exp, log, sqrt, erf, negate, absolute, reciprocal, softplus, softsign, mish
    /// Half to even.
    case round
    case floor, ceil
    /// `x · sigmoid(x)`, also called swish.
    case silu
    /// `x · max(0, min(1, x/6 + 1/2))`
    case hardSwish
    /// `max(0, min(1, α·x + β))`
    case hardSigmoid(alpha: Float, beta: Float)
    /// `x < 0 ? α·x : x`
    case leakyReLU(alpha: Float)
    /// `x < 0 ? α·(exp(x) − 1) : x`
    case elu(alpha: Float)
    /// `γ · (x < 0 ? α·(exp(x) − 1) : x)`
    case selu(alpha: Float, gamma: Float)
    /// `x/2 · (1 + erf(x / √2))`
    case gelu
    /// `x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))`
    case geluTanh
    /// To the whole number that stands for the nearest number of a grid: `clamp(round(x / scale) + zeroPoint, lower, upper)`.
    case quantize(QuantizationGrid)
    /// To the nearest number of a grid: `(clamp(round(x / scale) + zeroPoint, lower, upper) − zeroPoint) · scale`.
    case roundToGrid(QuantizationGrid)
}
