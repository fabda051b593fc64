/// The elements along some axes become one, in double precision.
public struct AxisReduction: Sendable {
    private let reduction: Reduction
    /// Extent and stride in the input.
    private let reduced: [(extent: Int, stride: Int)]
    /// Extent and strides in input and output, outermost first.
    private let kept: [(extent: Int, input: Int, output: Int)]
    private let count: Int
    private let inputCount: Int
    private let outputCount: Int

    /// - Parameters:
    ///   - shape: of one image.
    ///   - axes: stay with extent 1.
    public init(_ reduction: Reduction, shape: [Int], axes: [Int]) {
        let output = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
        let (from, to) = (MemoryOrder.strides(of: shape), MemoryOrder.strides(of: output))
        self.reduction = reduction
        reduced = MemoryOrder.axes(of: shape).filter(axes.contains).map { (shape[$0], from[$0]) }
        kept = MemoryOrder.axes(of: output).filter { !axes.contains($0) }.map { (shape[$0], from[$0], to[$0]) }
        count = axes.reduce(1) { $0 * shape[$1] }
        inputCount = shape.reduce(1, *)
        outputCount = output.reduce(1, *)
    }

    /// Reads `images` times the input and writes as often the output, not in place.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        RowSplit(images: images, rows: outputCount, workPerImage: inputCount, pool: pool).run { image, rows in
            for row in rows {
                var (rest, from, to) = (row, image * inputCount, image * outputCount)
                for axis in kept.reversed() {
                    let (next, index) = rest.quotientAndRemainder(dividingBy: axis.extent)
                    rest = next
                    from += index * axis.input
                    to += index * axis.output
                }
                output[to] = reduce(input + from)
            }
        }
    }

    private func reduce(_ input: UnsafePointer<Float>) -> Float {
        var result = initial
        for position in 0..<count {
            var (rest, from) = (position, 0)
            for axis in reduced.reversed() {
                let (next, index) = rest.quotientAndRemainder(dividingBy: axis.extent)
                rest = next
                from += index * axis.stride
            }
            let x = Double(input[from])
            switch reduction {
            case .mean, .sum: result += x
            case .maximum: result = x > result || x.isNaN ? x : result
            case .minimum: result = x < result || x.isNaN ? x : result
            case .product: result *= x
            case .squareSum: result += x * x
            }
        }
        return Float(reduction == .mean ? result / Double(count) : result)
    }

    private var initial: Double {
        switch reduction {
        case .mean, .sum, .squareSum: 0
        case .maximum: -.infinity
        case .minimum: .infinity
        case .product: 1
        }
    }
}
