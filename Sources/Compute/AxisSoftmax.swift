import Foundation

/// Softmax, or its logarithm, along one axis of an array: does not overflow, whatever the logits.
public struct AxisSoftmax: Sendable {
    private let isLogarithmic: Bool
    private let extent: Int
    private let stride: Int
    /// Where the axis's first elements lie: runs of `inner`, `outer` apart.
    private let inner: Int
    private let count: Int

    /// - Parameter shape: of one image.
    public init(shape: [Int], axis: Int, isLogarithmic: Bool) {
        extent = shape[axis]
        stride = MemoryOrder.strides(of: shape)[axis]
        // Whatever lies further inside in memory is walked by the stride.
        inner = stride
        count = shape.reduce(1, *)
        self.isLogarithmic = isLogarithmic
    }

    /// Reads and writes `images` times the array. The output may be the input.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let rows = count / extent
        RowSplit(images: images, rows: rows, workPerImage: 16 * count, pool: pool).run { image, rows in
            for row in rows {
                let (block, offset) = row.quotientAndRemainder(dividingBy: inner)
                let start = image * count + block * inner * extent + offset
                write(input + start, output + start)
            }
        }
    }

    private func write(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>) {
        var largest = input[0]
        for index in 1..<max(extent, 1) { largest = max(largest, input[index * stride]) }
        var sum = 0.0
        for index in 0..<extent { sum += Double(exp(input[index * stride] - largest)) }
        let logarithm = Float(log(sum))
        for index in 0..<extent {
            let x = input[index * stride] - largest
            output[index * stride] = isLogarithmic ? x - logarithm : Float(Double(exp(x)) / sum)
        }
    }
}
