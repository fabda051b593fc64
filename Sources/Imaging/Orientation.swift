/// Where the first row and the first column of the stored pixels belong in the upright picture:
/// the values of EXIF's Orientation tag (Exif 2.32, section 4.6.4, tag 0x0112).
enum Orientation: UInt32, CaseIterable {
    case topLeft = 1
    case topRight
    case bottomRight
    case bottomLeft
    case leftTop
    case rightTop
    case rightBottom
    case leftBottom

    var swapsSides: Bool {
        switch self {
        case .topLeft, .topRight, .bottomRight, .bottomLeft: false
        case .leftTop, .rightTop, .rightBottom, .leftBottom: true
        }
    }

    /// The one that turns what stands upright back: a quarter turn the other way, else the same.
    var inverse: Orientation {
        switch self {
        case .rightTop: .leftBottom
        case .leftBottom: .rightTop
        case .topLeft, .topRight, .bottomRight, .bottomLeft, .leftTop, .rightBottom: self
        }
    }
}
