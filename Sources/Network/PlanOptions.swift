import Compute

/// How a plan computes: a choice between time and rounding errors.
public struct PlanOptions: Sendable, Hashable {
    /// Whether every convolution is summed directly, as frameworks define it. Else 3×3 ones are computed by Winograd's algorithm
    /// where that is faster: in half the time or less, with rounding errors of at most 5e-5 of a layer's largest number.
    public var isExact: Bool

    /// What convolutions and dense layers multiply, but for depthwise ones, those in groups and Winograd's.
    public var precision: Precision

    public init(isExact: Bool = false, precision: Precision = .float32) {
        self.isExact = isExact
        self.precision = precision
    }
}
