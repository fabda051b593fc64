import CImaging

/// How a picture becomes a network's input: its centre, resized to the network's extents, then (x − mean) ÷ deviation.
///
/// These values belong to the model: other ones than it was trained with cost accuracy silently.
public struct Preprocessing: Sendable, Equatable {
    /// The network's input extents.
    public let width: Int
    public let height: Int
    public let resize: Resize
    public let interpolation: Interpolation
    /// The share of the picture that is kept: 0.875 of the shorter side is usual for networks trained on ImageNet.
    public let cropFraction: Double
    /// Whether the network reads blue, green, red. No difference for grey.
    public let isBlueFirst: Bool
    /// A channel each, in the order that the network reads them; in levels of 0…255.
    public let mean: [Float]
    /// As ``mean``.
    public let standardDeviation: [Float]
    /// What each level becomes: 256 values a channel.
    private let levels: [Float]

    /// What is resized: the crop, or the picture that it is cut from.
    ///
    /// Crops cut from a resized picture are those of torchvision and timm, also where the other order would cut through
    /// pixels. No pixel that is cropped away is computed in either order.
    public enum Resize: String, CaseIterable, Sendable {
        /// A centred crop of whole pixels, `cropFraction` of the shorter side, is resized to the network's extents.
        case centerCrop
        /// The picture is resized, its proportions kept, until the shorter side is the network's ÷ `cropFraction`; the
        /// network sees the centre.
        case resizeThenCrop
        /// The picture is resized to the network's extents ÷ `cropFraction`; the network sees the centre.
        case squash
    }

    /// The largest width or height; far above any network's, and small enough for every product to fit.
    public static let maximumSide = 8192

    public init(
        width: Int, height: Int, resize: Resize = .centerCrop, interpolation: Interpolation, cropFraction: Double,
        isBlueFirst: Bool = false, mean: [Float], standardDeviation: [Float]
    ) throws(PreprocessingError) {
        for (field, side) in [("width", width), ("height", height)] where !(1...Self.maximumSide).contains(side) {
            throw PreprocessingError(field: field, expected: "1 to \(Self.maximumSide) pixels", found: "\(side)")
        }
        guard cropFraction > 0, cropFraction <= 1 else {
            throw PreprocessingError(field: "cropFraction", expected: "above 0, at most 1", found: "\(cropFraction)")
        }
        guard [1, 3].contains(mean.count), mean.allSatisfy(\.isFinite) else {
            throw PreprocessingError(field: "mean", expected: "three numbers, or one for grey", found: "\(mean)")
        }
        guard standardDeviation.count == mean.count, standardDeviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw PreprocessingError(
                field: "standardDeviation", expected: "\(mean.count) above 0, as many as means",
                found: "\(standardDeviation)")
        }
        self.width = width
        self.height = height
        self.resize = resize
        self.interpolation = interpolation
        self.cropFraction = cropFraction
        self.isBlueFirst = isBlueFirst
        self.mean = mean
        self.standardDeviation = standardDeviation
        levels = zip(mean, standardDeviation).flatMap { mean, deviation in
            (0..<256).map { (Float($0) - mean) / deviation }
        }
    }

    /// 3, or 1 of grey.
    public var channels: Int { mean.count }

    /// The network's input for `image`: `height × width × channels` numbers, rows first, channels innermost (NHWC).
    ///
    /// Grey is the luma of ITU-R BT.601, rounded to whole levels as Pillow's mode L is, of the picture that was resized.
    public func tensor(_ image: RGBImage, view: ImageView = .whole) -> [Float] {
        let framing = framing(width: image.reduction.fullWidth, height: image.reduction.fullHeight, view: view)
        let resized = image.resized(
            width: framing.width, height: framing.height, interpolation, box: image.reduction.box(framing.part),
            columns: framing.left..<framing.left + width, rows: framing.top..<framing.top + height)
        let pixels = width * height
        if channels == 1 {
            let grey = (0..<pixels).map { levels[resized.luma(at: $0)] }
            return view == .mirrored ? mirrored(grey) : grey
        }
        let tensor = unsafe [Float](unsafeUninitializedCapacity: 3 * pixels) { buffer, count in
            guard let output = buffer.baseAddress else { return }
            unsafe cimaging_map_levels(resized.pixels, pixels, isBlueFirst, levels, output)
            count = 3 * pixels
        }
        return view == .mirrored ? mirrored(tensor) : tensor
    }

    /// Exchanges left and right.
    private func mirrored(_ tensor: [Float]) -> [Float] {
        var mirrored: [Float] = []
        mirrored.reserveCapacity(tensor.count)
        for row in 0..<height {
            for column in (row * width..<(row + 1) * width).reversed() {
                mirrored += tensor[channels * column..<channels * (column + 1)]
            }
        }
        return mirrored
    }
}

extension RGBImage {
    /// The luma of a pixel, 0…255.
    fileprivate func luma(at pixel: Int) -> Int {
        let (red, green, blue) = (Int(pixels[3 * pixel]), Int(pixels[3 * pixel + 1]), Int(pixels[3 * pixel + 2]))
        return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16
    }
}
