/// An upright picture: `height` rows of `width` pixels, three bytes a pixel in the order red, green, blue, no padding.
public struct RGBImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// `3 × width × height` bytes, top row first.
    public let pixels: [UInt8]
    /// How these pixels lie on the picture as it was stored.
    let reduction: Reduction

    /// `nil` where an extent is not positive or `pixels` has not exactly `3 × width × height` bytes.
    public init?(width: Int, height: Int, pixels: [UInt8]) {
        guard width > 0, height > 0 else { return nil }
        let (count, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels.count % 3 == 0, pixels.count / 3 == count else { return nil }
        self.init(width: width, height: height, exactly: pixels)
    }

    /// For the module's own results, whose buffers were sized from these extents.
    init(width: Int, height: Int, exactly pixels: [UInt8], reduction: Reduction? = nil) {
        precondition(width > 0 && height > 0 && pixels.count == 3 * width * height)
        self.width = width
        self.height = height
        self.pixels = pixels
        self.reduction = reduction ?? Reduction(fullWidth: width, fullHeight: height)
    }
}
