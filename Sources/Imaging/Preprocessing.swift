import CImaging

/// How an image becomes a network's input; part of the model.
public struct Preprocessing: Sendable, Equatable {
    /// Of the network's input.
    public let width: Int
    public let height: Int
    public let interpolation: Interpolation
    /// The part of the image that the centre crop keeps, along the side that limits it: in (0, 1].
    public let cropFraction: Float
    /// Of each channel, in levels from 0 to 255.
    public let mean: [Float]
    /// Of each channel, in levels from 0 to 255.
    public let standardDeviation: [Float]

    /// A decoded image at least this many times the network's input is as good as the full one. At 2 the input differs
    /// from the exact path's by a cosine of 0.9998 on photographs and 0.9993 on the hardest texture tried.
    private static let reductionMargin = 2

    /// - Precondition: three means, three positive deviations, positive extents.
    public init(
        width: Int, height: Int, interpolation: Interpolation, cropFraction: Float, mean: [Float],
        standardDeviation: [Float]
    ) {
        precondition(width > 0 && height > 0 && mean.count == 3 && standardDeviation.count == 3)
        self.width = width
        self.height = height
        self.interpolation = interpolation
        self.cropFraction = cropFraction
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// `height × width × 3` floats: the centre crop at the network's size, `(x − mean) / standardDeviation`.
    public func tensor(_ image: RGBImage) -> [Float] {
        let crop = crop(width: image.width, height: image.height)
        let small = image.resized(crop, width: width, height: height, interpolation)
        let scale = standardDeviation.map { 1 / $0 }
        let shift = zip(mean, scale).map { -$0 * $1 }
        return unsafe [Float](unsafeUninitializedCapacity: width * height * 3) { target, count in
            if let target = target.baseAddress {
                unsafe normalize_rgb(small.pixels, width * height, scale, shift, target)
            }
            count = width * height * 3
        }
    }

    /// The largest centred rectangle of the input's proportions, times the crop fraction, in whole pixels (rounded down,
    /// at least one).
    func crop(width imageWidth: Int, height imageHeight: Int) -> RGBImage.Box {
        let unit = min(Double(imageWidth) / Double(width), Double(imageHeight) / Double(height)) * Double(cropFraction)
        let cropWidth = min(imageWidth, max(1, Int(unit * Double(width) + 1e-9)))
        let cropHeight = min(imageHeight, max(1, Int(unit * Double(height) + 1e-9)))
        return RGBImage.Box(
            left: (imageWidth - cropWidth) / 2, top: (imageHeight - cropHeight) / 2, width: cropWidth,
            height: cropHeight)
    }

    /// By how much an image of this size may be reduced while it is decoded: 1, 2, 4 or 8.
    func reduction(width imageWidth: Int, height imageHeight: Int) -> Int {
        let crop = crop(width: imageWidth, height: imageHeight)
        return [8, 4, 2].first { divisor in
            crop.width / divisor >= Self.reductionMargin * width
                && crop.height / divisor >= Self.reductionMargin * height
        } ?? 1
    }
}
