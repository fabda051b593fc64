/// Each channel of an image to mean 0 and variance 1, then `· scale + bias` (Ulyanov et al. 2016).
public struct InstanceNormalizationLayer: Sendable {
    private let map: FeatureMap
    private let scale: [Float]
    private let bias: [Float]
    private let epsilon: Double

    /// `scale` and `bias` are `[channels]`; `map` is of one image.
    public init(scale: Tensor, bias: Tensor, epsilon: Float, map: FeatureMap) {
        self.map = map
        self.scale = scale.values
        self.bias = bias.values
        self.epsilon = Double(epsilon)
    }

    /// Reads and writes `images × map.count` floats. The output may be the input.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let (pixels, channels) = (map.height * map.width, map.channels)
        RowSplit(images: images, rows: channels, workPerImage: 4 * map.count, pool: pool).run { image, range in
            let (input, output) = (input + image * map.count, output + image * map.count)
            for channel in range {
                var (sum, squares) = (0.0, 0.0)
                for pixel in 0..<pixels { sum += Double(input[pixel * channels + channel]) }
                let mean = sum / Double(pixels)
                for pixel in 0..<pixels {
                    let deviation = Double(input[pixel * channels + channel]) - mean
                    squares += deviation * deviation
                }
                let factor = Double(scale[channel]) / (squares / Double(pixels) + epsilon).squareRoot()
                let (a, b) = (Float(factor), Float(Double(bias[channel]) - mean * factor))
                for pixel in 0..<pixels {
                    let place = pixel * channels + channel
                    output[place] = input[place] * a + b
                }
            }
        }
    }
}
