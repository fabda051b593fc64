/// A rectangle of an image in pixels from its upper left corner; edges may fall inside pixels.
struct CropBox: Equatable {
    var left: Float
    var top: Float
    var right: Float
    var bottom: Float

    /// The whole of `image`.
    init(of image: RGBImage) {
        self.init(left: 0, top: 0, right: Float(image.width), bottom: Float(image.height))
    }

    init(left: Float, top: Float, right: Float, bottom: Float) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    func isInside(_ image: RGBImage) -> Bool {
        0 <= left && left < right && right <= Float(image.width)
            && 0 <= top && top < bottom && bottom <= Float(image.height)
    }
}
