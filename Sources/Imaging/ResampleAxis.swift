import CImaging

/// Which input positions make up each output position along one axis of a resize, and with which weights.
struct ResampleAxis {
    private let first: [Int32]
    private let count: [Int32]
    private let weights: [Float]
    private let taps: Int
    /// The input positions that are read.
    let range: Range<Int>

    /// Maps `length` input positions from `start` on to `size` output positions; positions outside `0..<extent` do not
    /// count.
    init(_ interpolation: Interpolation, start: Int, length: Int, extent: Int, size: Int) {
        let scale = Double(length) / Double(size)
        let filterScale = max(scale, 1)
        let support = interpolation.support * filterScale
        taps = Int(support.rounded(.up)) * 2 + 1
        var (first, count) = ([Int32](), [Int32]())
        var weights = [Float](repeating: 0, count: taps * size)
        for position in 0..<size {
            let center = Double(start) + (Double(position) + 0.5) * scale
            let low = max(0, Int(center - support + 0.5))
            let high = min(extent, Int(center + support + 0.5))
            let terms = (low..<max(high, low + 1)).map { interpolation((Double($0) - center + 0.5) / filterScale) }
            let sum = terms.reduce(0, +)
            for (index, term) in terms.prefix(taps).enumerated() {
                weights[position * taps + index] = Float(sum == 0 ? term : term / sum)
            }
            first.append(Int32(low))
            count.append(Int32(min(taps, terms.count)))
        }
        let end = zip(first, count).map { Int($0 + $1) }.max() ?? 0
        range = Int(first.min() ?? 0)..<end
        (self.first, self.count, self.weights) = (first, count, weights)
    }

    /// Lends the axis to C, counted from input position `origin`.
    func withPointers<R>(origin: Int = 0, _ body: (inout resample_axis) -> R) -> R {
        let shifted = origin == 0 ? first : first.map { $0 - Int32(origin) }
        return unsafe shifted.withUnsafeBufferPointer { first in
            unsafe count.withUnsafeBufferPointer { count in
                unsafe weights.withUnsafeBufferPointer { weights in
                    var axis = unsafe resample_axis(
                        first: first.baseAddress, count: count.baseAddress, weights: weights.baseAddress, taps: taps,
                        size: first.count)
                    return unsafe body(&axis)
                }
            }
        }
    }
}
