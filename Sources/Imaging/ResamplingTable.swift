import CImaging

/// For one axis of a resize: which inputs each output position sums, and with which fixed-point weights.
struct ResamplingTable {
    /// The inputs that any output needs; `first` counts from the lower end.
    let inputs: Range<Int>
    private var first: [Int32] = []
    private var pairs: [Int32] = []
    private var weights: [cimaging_weight_pair]
    private let stride: Int

    /// - Parameters:
    ///   - inputCount: the pixels there are along the axis; at least 1.
    ///   - span: the stretch to be shown, in pixels from the image's edge, inside `0...inputCount`.
    ///     The kernel reads beyond it where there are pixels, as Pillow's does.
    ///   - outputCount: the pixels to show it in; at least 1.
    ///   - kept: the positions among these that the table is for, at least one; `nil`: all.
    init(
        inputCount: Int, span: (start: Float, end: Float), outputCount: Int, kept: Range<Int>? = nil,
        interpolation: Interpolation
    ) {
        let kept = kept ?? 0..<outputCount
        precondition(!kept.isEmpty && kept.lowerBound >= 0 && kept.upperBound <= outputCount)
        // Pillow subtracts the box's ends as 32-bit floats and goes on with doubles: equal weights need the same roundings.
        let scale = Double(span.end - span.start) / Double(outputCount)
        let reduction = max(scale, 1)
        let support = interpolation.radius * reduction
        var windows: [(first: Int, weights: [Double])] = []
        windows.reserveCapacity(kept.count)
        for position in kept {
            let center = Double(span.start) + (Double(position) + 0.5) * scale
            let lower = max(0, Int(center - support + 0.5))
            let upper = min(inputCount, Int(center + support + 0.5))
            let values = (lower..<max(lower, upper)).map { index in
                interpolation.weight(at: (Double(index) - center + 0.5) * (1 / reduction))
            }
            let sum = values.reduce(0, +)
            windows.append((lower, sum == 0 ? values : values.map { $0 / sum }))
        }
        let lowest = (windows.map(\.first).min() ?? 0) & ~1
        let highest = windows.map { $0.first + $0.weights.count }.max() ?? 0
        inputs = lowest..<max(lowest + 1, highest)
        stride = (windows.map { ($0.first & 1) + $0.weights.count }.max() ?? 0) / 2 + 1
        weights = Array(repeating: cimaging_weight_pair(), count: stride * kept.count)
        for (position, window) in windows.enumerated() {
            append(window.first - lowest, window.weights, row: position * stride)
        }
    }

    private mutating func append(_ start: Int, _ values: [Double], row: Int) {
        let shift = start & 1  // a window that starts at an odd input gets a leading weight of zero
        first.append(Int32(start - shift))
        pairs.append(Int32((shift + values.count + 1) / 2))
        for (tap, value) in values.enumerated() {
            let fixed = Int((value * Double(1 << CIMAGING_WEIGHT_BITS)).rounded(.toNearestOrAwayFromZero))
            let base = 1 << CIMAGING_LOW_BITS
            let low = ((fixed + base / 2) & (base - 1)) - base / 2
            let high = (fixed - low) >> Int(CIMAGING_LOW_BITS)
            set(low: Int16(clamping: low), high: Int16(clamping: high), at: row, shift + tap)
        }
    }

    private mutating func set(low: Int16, high: Int16, at row: Int, _ tap: Int) {
        let index = row + tap / 2
        if tap % 2 == 0 {
            weights[index].low.0 = low
            weights[index].high.0 = high
        } else {
            weights[index].low.1 = low
            weights[index].high.1 = high
        }
    }

    var outputCount: Int { first.count }

    /// The table as C reads it, with positions counted from `inputs.lowerBound`.
    func withWeights(_ body: (UnsafePointer<cimaging_weights>) -> Void) {
        unsafe first.withUnsafeBufferPointer { first in
            unsafe pairs.withUnsafeBufferPointer { pairs in
                unsafe weights.withUnsafeBufferPointer { weights in
                    var table = unsafe cimaging_weights(
                        first: first.baseAddress, pairs: pairs.baseAddress, weights: weights.baseAddress,
                        stride: stride, count: first.count)
                    unsafe body(&table)
                }
            }
        }
    }
}
