/// What a network sees of a picture.
struct Framing: Equatable {
    /// The part of the picture that is resized, in full-size pixels.
    var part: CropBox
    /// The pixels that the part becomes.
    var width: Int
    var height: Int
    /// The first of these columns that the network sees.
    var left = 0
    /// The first row likewise.
    var top = 0
}
