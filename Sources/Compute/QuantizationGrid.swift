/// Evenly spaced real numbers that whole ones stand for: `real = (whole − zeroPoint) · scale`, affine quantisation.
///
/// Whole numbers are `lower` … `upper`: 0 … 255 of uint8, −128 … 127 of int8, and likewise of 16 bits. The zero point is one
/// of them, so that 0, which padding consists of, is on the grid (Jacob et al. 2018, "Quantization and Training of Neural
/// Networks for Efficient Integer-Arithmetic-Only Inference", section 2.1).
public struct QuantizationGrid: Sendable, Hashable {
    /// The distance between neighbours.
    public var scale: Float
    /// What stands for 0.
    public var zeroPoint: Float
    public var lower: Float
    public var upper: Float

    public init(scale: Float, zeroPoint: Float, lower: Float, upper: Float) {
        self.scale = scale
        self.zeroPoint = zeroPoint
        self.lower = lower
        self.upper = upper
    }
}
