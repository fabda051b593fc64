/// What a picture may cost. All are checked from the header, before memory is taken for pixels.
///
/// Decoding takes 3 bytes a pixel, a turned JPEG (EXIF) 6, a CMYK JPEG 7, and a progressive JPEG 2 more
/// for each sample of its components.
public struct ImageLimits: Sendable, Equatable {
    public var maximumBytes: Int
    public var maximumPixels: Int
    /// The longest width or height in pixels.
    public var maximumSide: Int
    /// The most scans of one JPEG. Each scan passes over all pixels but may take only some bytes in the file;
    /// encoders write about 10, so that a file of many is there to burn time
    /// ("Two Issues with the JPEG Standard", libjpeg-turbo.org).
    public var maximumScans: Int

    public init(
        maximumBytes: Int = 32 << 20, maximumPixels: Int = 50_000_000, maximumSide: Int = 32_768,
        maximumScans: Int = 64
    ) {
        self.maximumBytes = maximumBytes
        self.maximumPixels = maximumPixels
        self.maximumSide = maximumSide
        self.maximumScans = maximumScans
    }

    /// Throws if a picture of these extents, as a header announces them, is not to be decoded.
    func check(width: Int, height: Int) throws(ImageError) {
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= maximumPixels else {
            throw .tooManyPixels(width: width, height: height, limit: maximumPixels)
        }
        guard max(width, height) <= maximumSide else {
            throw .tooLarge(width: width, height: height, maximumSide: maximumSide)
        }
    }
}
