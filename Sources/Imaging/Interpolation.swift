/// The filter of a resize. Reducing an image widens the filter, so that every input pixel counts (antialiasing).
public enum Interpolation: String, Sendable {
    /// A triangle of width 2.
    case bilinear
    /// The cubic convolution of width 4 with a = −0.5 (Keys 1981).
    case bicubic

    /// How far the filter reaches, in pixels of the smaller of both images.
    var support: Double {
        switch self {
        case .bilinear: 1
        case .bicubic: 2
        }
    }

    func callAsFunction(_ distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .bilinear: return max(0, 1 - x)
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0
        }
    }
}
