/// The product of matrices that are both computed: `[…, M, K] · […, K, N]`, the leading axes broadcast.
///
/// For what attention-like layers ask for; layers with weights are dense or convolutions, which are far faster.
public struct ArrayProduct: Sendable {
    private struct Matrix: Sendable {
        let rowStride: Int
        let columnStride: Int
        /// For each leading axis of the output, 0 where repeated.
        let leading: [Int]
        let count: Int
    }

    private let (m, k, n): (Int, Int, Int)
    private let leading: [Int]
    private let first: Matrix
    private let second: Matrix
    private let output: Matrix

    /// Shapes of one image.
    public init(_ first: [Int], _ second: [Int], output: [Int]) {
        m = output[output.count - 2]
        n = output[output.count - 1]
        k = first[first.count - 1]
        leading = Array(output.dropLast(2))
        self.first = Self.matrix(first, in: output)
        self.second = Self.matrix(second, in: output)
        self.output = Self.matrix(output, in: output)
    }

    /// Of one image.
    public var multiplyAdds: Int { leading.reduce(m * n, *) * k }

    private static func matrix(_ shape: [Int], in output: [Int]) -> Matrix {
        let strides = MemoryOrder.strides(of: shape)
        let missing = output.count - shape.count
        let leading = output.indices.dropLast(2).map { axis in
            axis < missing || shape[axis - missing] == 1 ? 0 : strides[axis - missing]
        }
        return Matrix(
            rowStride: strides[shape.count - 2], columnStride: strides[shape.count - 1], leading: leading,
            count: shape.reduce(1, *))
    }

    /// Reads `images` times both inputs and writes as often the output, not in place.
    public func run(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, output c: UnsafeMutablePointer<Float>, images: Int,
        pool: ComputePool?
    ) {
        let rows = leading.reduce(m, *)
        RowSplit(images: images, rows: rows, workPerImage: multiplyAdds, pool: pool).run { image, rows in
            for row in rows {
                var (matrix, i) = row.quotientAndRemainder(dividingBy: m)
                var (x, y, z) = (
                    image * first.count + i * first.rowStride, image * second.count,
                    image * output.count + i * output.rowStride
                )
                for axis in leading.indices.reversed() {
                    (matrix, i) = matrix.quotientAndRemainder(dividingBy: leading[axis])
                    x += i * first.leading[axis]
                    y += i * second.leading[axis]
                    z += i * output.leading[axis]
                }
                for j in 0..<n {
                    var sum: Float = 0
                    for l in 0..<k {
                        sum += a[x + l * first.columnStride] * b[y + l * second.rowStride + j * second.columnStride]
                    }
                    c[z + j * output.columnStride] = sum
                }
            }
        }
    }
}
