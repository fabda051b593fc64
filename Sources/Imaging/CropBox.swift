/// A rectangle of an image in pixels from its upper left corner; edges may fall inside pixels.
struct CropBox: Equatable {
    var left: Float
    var top: Float
    var right: Float
    var bottom: Float

    func isInside(width: Int, height: Int) -> Bool {
        0 <= left && left < right && right <= Float(width) && 0 <= top && top < bottom && bottom <= Float(height)
    }
}
