/// The extents of one image's activations, stored height × width × channels (NHWC without the N).
/// A vector of `K` features is `1 × 1 × K`.
public struct FeatureMap: Sendable, Hashable, CustomStringConvertible {
    public var height: Int
    public var width: Int
    public var channels: Int

    public init(height: Int, width: Int, channels: Int) {
        self.height = height
        self.width = width
        self.channels = channels
    }

    /// A vector of features.
    public init(features: Int) { self.init(height: 1, width: 1, channels: features) }

    /// The number of floats of one image.
    public var count: Int { height * width * channels }

    public var description: String { "\(height)×\(width)×\(channels)" }
}
