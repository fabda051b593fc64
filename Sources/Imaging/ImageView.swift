/// A way to look at a picture that leaves what it shows: training on more of them is augmentation.
public enum ImageView: String, CaseIterable, Sendable {
    case whole
    /// Left and right exchanged.
    case mirrored
    case upperLeft = "upper-left"
    case upperRight = "upper-right"
    case lowerLeft = "lower-left"
    case lowerRight = "lower-right"

    /// How much of the sides a corner view keeps: 224 of 256 pixels, as in Krizhevsky, Sutskever and Hinton, "ImageNet
    /// Classification with Deep Convolutional Neural Networks", 2012, section 4.1.
    private static let cornerFraction = 0.875

    /// The part of `width` × `height` pixels that is looked at.
    func part(width: Int, height: Int) -> (left: Int, top: Int, width: Int, height: Int) {
        let inner = (
            width: max(1, Int(Double(width) * Self.cornerFraction)),
            height: max(1, Int(Double(height) * Self.cornerFraction))
        )
        let (right, bottom) = (width - inner.width, height - inner.height)
        return switch self {
        case .whole, .mirrored: (0, 0, width, height)
        case .upperLeft: (0, 0, inner.width, inner.height)
        case .upperRight: (right, 0, inner.width, inner.height)
        case .lowerLeft: (0, bottom, inner.width, inner.height)
        case .lowerRight: (right, bottom, inner.width, inner.height)
        }
    }
}
