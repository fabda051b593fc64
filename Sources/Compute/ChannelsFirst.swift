import CKernels

/// Brings a feature map from H, W, C order to the C, H, W order in which models flatten and report it.
public struct ChannelsFirst: Sendable {
    private let map: FeatureMap

    /// `map` is of one image.
    public init(map: FeatureMap) throws(ComputeError) {
        _ = try map.addressableCount()
        self.map = map
    }

    /// Reads and writes `images × map.count` floats, not in place.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let map = map
        RowSplit(images: images, rows: 1, workPerImage: map.count, pool: pool).run { image, _ in
            f32_transpose(input + image * map.count, map.height * map.width, map.channels, output + image * map.count)
        }
    }
}
