/// Where the pixels of a picture that was decoded smaller lie on the full-size one.
///
/// The outermost column or row stands for `factor` full-size ones even where the picture has fewer left. A crop that
/// ignored this would be off by a fraction of a pixel, which costs far more accuracy than the smaller decoding itself:
/// of a 1000 × 665 photo halved, the cosine to the exact input fell to 0.997.
struct Reduction: Sendable, Equatable {
    /// Full-size pixels per pixel along either axis.
    var factor = 1
    var fullWidth: Int
    var fullHeight: Int
    /// Full-size pixels between the left edge of the first column and that of the picture: not 0 after mirroring.
    var left = 0
    /// The same for the first row.
    var top = 0

    /// Columns of the picture at this size.
    var width: Int { (fullWidth + factor - 1) / factor }
    /// Rows likewise.
    var height: Int { (fullHeight + factor - 1) / factor }

    /// The pixels that a rectangle of the full-size picture covers.
    func box(_ full: CropBox) -> CropBox {
        CropBox(
            left: (Float(left) + full.left) / Float(factor), top: (Float(top) + full.top) / Float(factor),
            right: (Float(left) + full.right) / Float(factor), bottom: (Float(top) + full.bottom) / Float(factor))
    }

    /// Of the picture as it was stored: that of the picture turned and mirrored so that it stands upright.
    func upright(from orientation: Orientation) -> Reduction {
        let isLastColumnFirst = [.topRight, .bottomRight, .rightTop, .rightBottom].contains(orientation)
        let isLastRowFirst = [.bottomRight, .bottomLeft, .rightBottom, .leftBottom].contains(orientation)
        let swaps = orientation.swapsSides
        var turned = Reduction(
            factor: factor, fullWidth: swaps ? fullHeight : fullWidth, fullHeight: swaps ? fullWidth : fullHeight)
        if isLastColumnFirst { turned.left = factor * turned.width - turned.fullWidth }
        if isLastRowFirst { turned.top = factor * turned.height - turned.fullHeight }
        return turned
    }
}
