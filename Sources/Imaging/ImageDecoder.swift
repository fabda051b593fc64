/// Image files to upright RGB.
public struct ImageDecoder: Sendable {
    private let limits: ImageLimits

    public init(limits: ImageLimits = ImageLimits()) {
        self.limits = limits
    }

    /// Decodes a JPEG, PNG or WebP file and turns it as its EXIF orientation says. Grey becomes RGB, 16 bits become 8,
    /// transparency is dropped, as with Pillow's `convert("RGB")`.
    ///
    /// - Parameter preprocessing: what the image is for; a JPEG that is far larger is decoded at reduced size.
    /// - Throws: ``ImageError``; sizes are checked in the header, before anything of that size is allocated.
    public func decode(_ bytes: [UInt8], for preprocessing: Preprocessing? = nil) throws(ImageError) -> RGBImage {
        let format = try ImageFormat.detect(bytes)
        switch format {
        case .jpeg:
            let image = try JPEGDecoder(limits: limits).decode(bytes) { width, height in
                preprocessing?.reduction(width: width, height: height) ?? 1
            }
            return image.oriented(EXIFOrientation(jpeg: bytes))
        case .png: return try PNGDecoder(limits: limits).decode(bytes)
        case .webP:
            return try WebPDecoder(limits: limits).decode(bytes).oriented(EXIFOrientation(webP: bytes))
        }
    }
}
