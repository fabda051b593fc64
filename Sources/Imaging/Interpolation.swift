/// The kernel of a resize. Making a picture smaller widens the kernel by the reduction, so that every pixel counts
/// (antialiasing).
public enum Interpolation: String, Sendable, CaseIterable, Codable {
    /// Triangle of radius 1.
    case bilinear
    /// Cubic convolution with a = −1/2 of radius 2 (R. Keys, "Cubic Convolution Interpolation for Digital Image Processing",
    /// IEEE Transactions on Acoustics, Speech, and Signal Processing 29 (1981), equation 15).
    case bicubic

    /// The distance from the centre, in pixels, from which on the kernel is zero.
    var radius: Double {
        switch self {
        case .bilinear: 1
        case .bicubic: 2
        }
    }

    /// The kernel's value at `distance` from its centre.
    func weight(at distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .bilinear:
            return x < 1 ? 1 - x : 0
        case .bicubic:
            if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
        }
    }
}
