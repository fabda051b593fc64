/// Turns the bytes of a JPEG, PNG or WebP file into upright RGB8 pixels, equal to what Pillow's
/// `ImageOps.exif_transpose(Image.open(file)).convert("RGB")` gives.
///
/// Transparency is dropped, not blended, as `convert("RGB")` does. Samples of 16 bits keep their upper 8: Pillow does so
/// for colour, while it clips 16-bit grey at 255, which turns most pictures white and is not copied here.
/// Of an animated WebP the first frame is read. Colour profiles are ignored.
public struct ImageDecoder: Sendable {
    public let limits: ImageLimits

    public init(limits: ImageLimits = ImageLimits()) {
        self.limits = limits
    }

    /// Decodes one picture.
    ///
    /// - Parameter preprocessing: What the picture is for. If given, only the part of a JPEG that
    ///   `preprocessing.tensor(_:)` is made of comes back. One far larger than the network's input comes back at a half or a
    ///   quarter of its size, decoded so by a smaller inverse DCT, which is faster and hardly changes the tensor (the cosine
    ///   stays above 0.999). Without it, every pixel comes back.
    public func decode(_ bytes: [UInt8], for preprocessing: Preprocessing? = nil) throws(ImageError) -> RGBImage {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= limits.maximumBytes else {
            throw .tooManyBytes(count: bytes.count, limit: limits.maximumBytes)
        }
        switch ImageFormat.detect(bytes) {
        case .jpeg:
            return try JPEGDecoder.decode(bytes, limits: limits, for: preprocessing)
        case .png:
            return try PNGDecoder.decode(bytes, limits: limits)
        case .webP:
            return try WebPDecoder.decode(bytes, limits: limits)
        case nil:
            throw .unsupportedFormat(of: bytes)
        }
    }
}
