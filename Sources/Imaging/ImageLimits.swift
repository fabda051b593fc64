/// What an image may cost before it is refused.
public struct ImageLimits: Sendable {
    /// Width times height. Decoding takes three bytes for each, and up to as many again.
    public var maximumPixels: Int

    public init(maximumPixels: Int = 50_000_000) {
        self.maximumPixels = maximumPixels
    }

    /// - Returns: the number of RGB8 bytes.
    func check(width: Int, height: Int, _ format: ImageFormat) throws(ImageError) -> Int {
        guard width > 0, height > 0 else { throw .broken(format, reason: "it is \(width)×\(height) pixels large") }
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= min(maximumPixels, Int.max / 8) else {
            throw .tooManyPixels(width: width, height: height, limit: maximumPixels)
        }
        return pixels * 3
    }
}
