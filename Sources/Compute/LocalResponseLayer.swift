import Foundation

/// `x / (bias + α / size · Σ x²)^β`, the sum over `size` neighbouring channels of the pixel
/// (Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012, section 3.3).
public struct LocalResponseLayer: Sendable {
    private let map: FeatureMap
    private let size: Int
    private let alpha: Float
    private let beta: Float
    private let bias: Float

    /// `map` is of one image.
    public init(map: FeatureMap, size: Int, alpha: Float, beta: Float, bias: Float) {
        self.map = map
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.bias = bias
    }

    /// Reads and writes `images × map.count` floats, not in place.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let (pixels, channels) = (map.height * map.width, map.channels)
        // ⌊(size − 1)/2⌋ channels before and ⌈(size − 1)/2⌉ after, as ONNX has it.
        let (before, after) = ((size - 1) / 2, size / 2)
        let work = 16 * pixels * channels
        RowSplit(images: 1, rows: images * pixels, workPerImage: images * work, pool: pool).run { _, range in
            for pixel in range {
                let (x, y) = (input + pixel * channels, output + pixel * channels)
                for channel in 0..<channels {
                    var squares: Float = 0
                    for other in max(0, channel - before)...min(channels - 1, channel + after) {
                        squares += x[other] * x[other]
                    }
                    y[channel] = x[channel] / pow(bias + alpha / Float(size) * squares, beta)
                }
            }
        }
    }
}
