/// An upright picture: `height` rows of `width` pixels, three bytes a pixel in the order red, green, blue, no padding.
public struct RGBImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// `3 × width × height` bytes, top row first.
    public let pixels: [UInt8]
    /// How these pixels lie on the picture as it was stored.
    let reduction: Reduction
    /// Which of the picture's pixels at that size these are: all, or those that are needed.
    let region: PixelRegion

    /// `nil` where an extent is not positive or `pixels` has not exactly `3 × width × height` bytes.
    public init?(width: Int, height: Int, pixels: [UInt8]) {
        guard width > 0, height > 0 else { return nil }
        let (count, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels.count % 3 == 0, pixels.count / 3 == count else { return nil }
        self.init(width: width, height: height, exactly: pixels)
    }

    /// A whole picture, for the module's own results, whose buffers were sized from these extents.
    init(width: Int, height: Int, exactly pixels: [UInt8]) {
        self.init(
            region: PixelRegion(width: width, height: height),
            of: Reduction(fullWidth: width, fullHeight: height), exactly: pixels)
    }

    /// A part of a picture, likewise.
    init(region: PixelRegion, of reduction: Reduction, exactly pixels: [UInt8]) {
        precondition(!region.columns.isEmpty && !region.rows.isEmpty)
        precondition(pixels.count == 3 * region.columns.count * region.rows.count)
        width = region.columns.count
        height = region.rows.count
        self.pixels = pixels
        self.reduction = reduction
        self.region = region
    }
}
