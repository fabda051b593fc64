/// A function applied to every element of a layer's output; fused into the layer that computes it.
public enum Activation: Sendable, Hashable {
    /// `x`
    case identity
    /// `min(max(x, lower), upper)`: ReLU is `[0, ∞)`, ReLU6 `[0, 6]`.
    case clamp(lower: Float, upper: Float)

    public static let relu = Activation.clamp(lower: 0, upper: .infinity)
    public static let relu6 = Activation.clamp(lower: 0, upper: 6)

    /// The interval that results lie in.
    public var bounds: (lower: Float, upper: Float) {
        switch self {
        case .identity: (-.infinity, .infinity)
        case .clamp(let lower, let upper): (lower, upper)
        }
    }
}
