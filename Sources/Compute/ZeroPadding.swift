/// Zeros around a feature map, where no convolution could absorb them.
public struct ZeroPadding: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    private let insets: EdgeInsets

    public init(insets: EdgeInsets, input: FeatureMap) throws(ComputeError) {
        let limit = 1 << 24
        let window = Window(kernelHeight: 1, kernelWidth: 1, padding: insets)
        guard [insets.top, insets.left, insets.bottom, insets.right].allSatisfy({ (0...limit).contains($0) }) else {
            throw .windowMismatch(window: window, map: input)
        }
        // A 1×1 window at every position, padding included, visits the padded map.
        output = try window.output(on: input, channels: input.channels)
        self.input = input
        self.insets = insets
    }

    /// Reads `images × input.count` floats and writes `images × output.count`.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let (from, to, insets) = (self.input, self.output, insets)
        RowSplit(images: images, rows: to.height, workPerImage: to.count, pool: pool).run { image, rows in
            let source = input + image * from.count
            for row in rows {
                let line = output + (image * to.count + row * to.width * to.channels)
                let y = row - insets.top
                guard (0..<from.height).contains(y) else {
                    line.update(repeating: 0, count: to.width * to.channels)
                    continue
                }
                let (left, middle) = (insets.left * to.channels, from.width * from.channels)
                line.update(repeating: 0, count: left)
                (line + left).update(from: source + y * middle, count: middle)
                (line + left + middle).update(repeating: 0, count: insets.right * to.channels)
            }
        }
    }
}
