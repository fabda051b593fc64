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
        let axis = Axis(inputCount: inputCount, span: span, outputCount: outputCount, interpolation: interpolation)
        inputs = axis.inputs(of: kept)
        let windows = kept.map(axis.window(at:))
        stride = (windows.map { ($0.lowerBound & 1) + $0.count }.max() ?? 0) / 2 + 1
        weights = Array(repeating: cimaging_weight_pair(), count: stride * kept.count)
        first.reserveCapacity(kept.count)
        pairs.reserveCapacity(kept.count)
        var values: [Double] = []
        for (row, window) in windows.enumerated() {
            axis.weigh(window, at: kept.lowerBound + row, &values)
            append(window.lowerBound - inputs.lowerBound, values, row: row * stride)
        }
    }

    /// The inputs that the table of the same arguments will need.
    static func inputs(
        inputCount: Int, span: (start: Float, end: Float), outputCount: Int, kept: Range<Int>,
        interpolation: Interpolation
    ) -> Range<Int> {
        Axis(inputCount: inputCount, span: span, outputCount: outputCount, interpolation: interpolation)
            .inputs(of: kept)
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

/// Where the kernel lies on the inputs.
private struct Axis {
    let inputCount: Int
    let start: Double
    let outputCount: Int
    let interpolation: Interpolation
    /// Inputs an output.
    let scale: Double
    /// How much wider than alone the kernel is.
    let reduction: Double

    init(inputCount: Int, span: (start: Float, end: Float), outputCount: Int, interpolation: Interpolation) {
        self.inputCount = inputCount
        self.outputCount = outputCount
        self.interpolation = interpolation
        // Pillow subtracts the box's ends as 32-bit floats and goes on with doubles: equal weights need the same roundings.
        start = Double(span.start)
        scale = Double(span.end - span.start) / Double(outputCount)
        reduction = max(scale, 1)
    }

    private func center(of position: Int) -> Double { start + (Double(position) + 0.5) * scale }

    /// What one output sums.
    func window(at position: Int) -> Range<Int> {
        let support = interpolation.radius * reduction
        let lower = max(0, Int(center(of: position) - support + 0.5))
        let upper = min(inputCount, Int(center(of: position) + support + 0.5))
        return lower..<max(lower, upper)
    }

    /// What outputs beside each other sum; the first is even.
    func inputs(of positions: Range<Int>) -> Range<Int> {
        precondition(!positions.isEmpty && positions.lowerBound >= 0 && positions.upperBound <= outputCount)
        let lowest = window(at: positions.lowerBound).lowerBound & ~1
        return lowest..<max(lowest + 1, window(at: positions.upperBound - 1).upperBound)
    }

    /// The weights of a window, whose sum is 1.
    func weigh(_ window: Range<Int>, at position: Int, _ weights: inout [Double]) {
        weights.removeAll(keepingCapacity: true)
        let center = center(of: position)
        var sum = 0.0
        for index in window {
            let weight = interpolation.weight(at: (Double(index) - center + 0.5) * (1 / reduction))
            weights.append(weight)
            sum += weight
        }
        guard sum != 0 else { return }
        for tap in weights.indices { weights[tap] /= sum }
    }
}
