/// How often a value of a network was about which number. It grows as larger ones come, and takes the same memory for any count.
struct ValueHistogram: Sendable {
    /// On either side of 0. The largest number lies in the outer half of them: half as many or more are in use.
    static let side = 4096

    /// ``side`` bins below 0 and as many from 0 on; bin `i` holds `(i − side) · width` up to the next.
    private(set) var counts = [Int](repeating: 0, count: 2 * side)
    /// A power of 2.
    private(set) var width: Float = 0x1p-100
    private(set) var minimum = Float.infinity
    private(set) var maximum = -Float.infinity

    /// Counts numbers; `false` where one is not finite, and then none.
    mutating func add(_ values: some Sequence<Float>) -> Bool {
        var (low, high, isFinite) = (Float.infinity, -Float.infinity, true)
        for value in values {
            low = min(low, value)
            high = max(high, value)
            isFinite = isFinite && value.isFinite
        }
        guard isFinite else { return false }
        (minimum, maximum) = (min(minimum, low), max(maximum, high))
        grow(to: max(-minimum, maximum))
        let (scale, side) = (1 / width, Self.side)
        counts.withUnsafeMutableBufferPointer { counts in
            for value in values {
                // Within the bins, since these have grown; the last holds its end too.
                let bin = Int((value * scale).rounded(.down)) + side
                counts[min(bin, counts.count - 1)] += 1
            }
        }
        return true
    }

    /// The middle of a bin.
    func center(of bin: Int) -> Float { (Float(bin - Self.side) + 0.5) * width }

    /// Makes bins twice as wide, two of them one, until the outermost reach `largest`.
    private mutating func grow(to largest: Float) {
        guard largest > Float(Self.side) * width else { return }
        let needed = largest / Float(Self.side)
        // Of numbers that float32 holds it is finite.
        let wider = max(width, Float(sign: .plus, exponent: needed.exponent, significand: 1))
        let final = wider < needed ? 2 * wider : wider
        let factor = Int(final.exponent - width.exponent)
        var merged = [Int](repeating: 0, count: counts.count)
        for (bin, count) in counts.enumerated() where count > 0 {
            merged[((bin - Self.side) >> factor) + Self.side] += count
        }
        (counts, width) = (merged, final)
    }
}
