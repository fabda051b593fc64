import CKernels

/// One function of pairs of elements of two arrays, of which either is broadcast to the other as NumPy does.
public struct BroadcastMap: Sendable {
    /// An axis as it lies in the output's memory, neighbours that all three arrays walk alike merged.
    private struct Axis: Sendable {
        var extent: Int
        var first: Int
        var second: Int
        var output: Int
    }

    private let function: f32_binary
    private let outer: [Axis]
    private let inner: Axis
    private let rows: Int
    private let counts: (first: Int, second: Int, output: Int)
    private let kernels: KernelTable

    /// Shapes of one image; `output` is what the others are broadcast to.
    public init(_ function: BinaryFunction, _ first: [Int], _ second: [Int], output: [Int], kernels: KernelTable) {
        let strides = [first, second].map { Self.strides(of: $0, broadcastTo: output) }
        let outputStrides = MemoryOrder.strides(of: output)
        var axes: [Axis] = []
        for axis in MemoryOrder.axes(of: output) where output[axis] > 1 {
            let next = Axis(
                extent: output[axis], first: strides[0][axis], second: strides[1][axis], output: outputStrides[axis])
            if let last = axes.last, last.first == next.first * next.extent,
                last.second == next.second * next.extent, last.output == next.output * next.extent
            {
                axes[axes.count - 1] = Axis(
                    extent: last.extent * next.extent, first: next.first, second: next.second, output: next.output)
            } else {
                axes.append(next)
            }
        }
        inner = axes.popLast() ?? Axis(extent: 1, first: 0, second: 0, output: 1)
        outer = axes
        rows = axes.reduce(1) { $0 * $1.extent }
        counts = (first.reduce(1, *), second.reduce(1, *), output.reduce(1, *))
        self.function = function.kernel
        self.kernels = kernels
    }

    /// Reads `images` times both inputs, and writes as often the output, which may be one of them if it is as large.
    public func run(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int,
        pool: ComputePool?
    ) {
        let (map, function, inner) = (kernels.functions.binary, function, inner)
        RowSplit(images: images, rows: rows, workPerImage: 4 * counts.output, pool: pool).run { image, rows in
            for row in rows {
                var (rest, a, b, to) = (row, image * counts.first, image * counts.second, image * counts.output)
                for axis in outer.reversed() {
                    let (next, index) = rest.quotientAndRemainder(dividingBy: axis.extent)
                    rest = next
                    a += index * axis.first
                    b += index * axis.second
                    to += index * axis.output
                }
                map(function, first + a, inner.first, second + b, inner.second, output + to, inner.extent)
            }
        }
    }

    /// 0 along axes that are repeated.
    private static func strides(of shape: [Int], broadcastTo output: [Int]) -> [Int] {
        let own = MemoryOrder.strides(of: shape)
        let missing = output.count - shape.count
        return output.indices.map { axis in
            axis < missing || shape[axis - missing] == 1 ? 0 : own[axis - missing]
        }
    }
}

extension BinaryFunction {
    fileprivate var kernel: f32_binary {
        switch self {
        case .add: f32_plus
        case .subtract: f32_minus
        case .multiply: f32_times
        case .divide: f32_over
        case .power: f32_power
        case .maximum: f32_larger
        case .minimum: f32_smaller
        case .prelu: f32_prelu
        }
    }
}
