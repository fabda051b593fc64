/// Each row to mean 0 and variance 1, then `· scale + bias` (Ba et al. 2016). A pixel's channels are a row of a map.
public struct LayerNormalizationLayer: Sendable {
    private let rows: Int
    private let scale: [Float]
    private let bias: [Float]
    private let epsilon: Float

    /// `scale` and `bias` are as long as a row; an image has `rows`.
    public init(scale: Tensor, bias: Tensor?, epsilon: Float, rows: Int) {
        self.rows = rows
        self.scale = scale.values
        self.bias = bias?.values ?? [Float](repeating: 0, count: scale.count)
        self.epsilon = epsilon
    }

    /// Reads and writes `images × rows` rows. The output may be the input.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let (count, epsilon) = (scale.count, epsilon)
        RowSplit(images: 1, rows: images * rows, workPerImage: 4 * images * rows * count, pool: pool).run { _, range in
            scale.withUnsafeBufferPointer { scale in
                bias.withUnsafeBufferPointer { bias in
                    for row in range {
                        let (x, y) = (input + row * count, output + row * count)
                        var sum: Float = 0
                        for index in 0..<count { sum += x[index] }
                        let mean = sum / Float(count)
                        var squares: Float = 0
                        for index in 0..<count { squares += (x[index] - mean) * (x[index] - mean) }
                        let factor = 1 / (squares / Float(count) + epsilon).squareRoot()
                        for index in 0..<count { y[index] = (x[index] - mean) * factor * scale[index] + bias[index] }
                    }
                }
            }
        }
    }
}
