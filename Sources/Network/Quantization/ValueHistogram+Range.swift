import Compute
import Foundation

extension ValueHistogram {
    /// The range that a grid of 256 levels should cover.
    func range(by method: CalibrationMethod) -> ClosedRange<Float> {
        guard minimum < maximum else { return min(0, minimum)...max(0, minimum) }
        let range =
            switch method {
            case .percentile: percentileRange(outside: 1e-4)
            case .mse: leastSquaresRange()
            case .entropy: entropyRange()
            }
        // A grid covers 0 whatever the numbers are.
        let lower = max(range.lowerBound, min(0, minimum))
        return lower...max(lower, min(range.upperBound, max(0, maximum)))
    }

    private var total: Int { counts.reduce(0, +) }

    /// Without the outermost numbers, `outside` of all at either end.
    private func percentileRange(outside: Double) -> ClosedRange<Float> {
        let allowed = Int(outside * Double(total))
        func first(of bins: some Sequence<Int>) -> Int {
            var passed = 0
            for bin in bins {
                passed += counts[bin]
                if passed > allowed { return bin }
            }
            return Self.side
        }
        let (low, high) = (first(of: counts.indices), first(of: counts.indices.reversed()))
        return center(of: low) - width / 2...center(of: max(low, high)) + width / 2
    }

    /// Each end in turn is moved inwards to where the error is least, twice.
    private func leastSquaresRange() -> ClosedRange<Float> {
        let filled = counts.indices.filter { counts[$0] > 0 }.map { (center(of: $0), Float(counts[$0])) }
        var (lower, upper) = (min(0, minimum), max(0, maximum))
        for _ in 0..<2 {
            for isUpper in [true, false] {
                let end = isUpper ? maximum : minimum
                guard isUpper ? end > 0 : end < 0 else { continue }
                let candidates = (1...50).map { end * Float($0) / 50 }
                let errors = candidates.map { end in
                    squaredError(of: filled, on: QuantizationGrid(covering: isUpper ? lower...end : end...upper))
                }
                // Of equal ones the outermost.
                let best = candidates.indices.reversed().min { errors[$0] < errors[$1] }.map { candidates[$0] } ?? end
                if isUpper { upper = best } else { lower = best }
            }
        }
        return lower...upper
    }

    private func squaredError(of filled: [(center: Float, count: Float)], on grid: QuantizationGrid) -> Float {
        var error: Float = 0
        for (center, count) in filled {
            let whole = (center / grid.scale).rounded(.toNearestOrEven) + grid.zeroPoint
            let rounded = (min(max(whole, grid.lower), grid.upper) - grid.zeroPoint) * grid.scale
            error += count * (rounded - center) * (rounded - center)
        }
        return error
    }

    /// Of absolute values, as there are as many levels on either side of 0 at most.
    private func entropyRange() -> ClosedRange<Float> {
        let isTwoSided = minimum < 0
        let levels = isTwoSided ? 128 : 256
        // What is exactly 0 stays so on every grid, and would outweigh all others after a ReLU.
        let magnitudes = (0..<Self.side).map { bin in
            (bin == 0 ? 0 : Float(counts[Self.side + bin])) + Float(counts[Self.side - 1 - bin])
        }
        let used = (magnitudes.lastIndex { $0 > 0 } ?? 0) + 1
        guard used > levels else { return minimum...maximum }
        let thresholds = stride(from: levels, to: used, by: 16) + [used]
        let divergences = thresholds.map { divergence(of: magnitudes[..<used], threshold: $0, levels: levels) }
        // Of equal ones the outermost.
        let best = thresholds.indices.reversed().min { divergences[$0] < divergences[$1] } ?? thresholds.count - 1
        let threshold = Float(thresholds[best]) * width
        return (isTwoSided ? -threshold : 0)...threshold
    }

    /// The Kullback-Leibler divergence of the first `threshold` bins, the last of which holds all beyond it, from what `levels` levels
    /// keep of them: of each level's bins that are filled, their mean without what lay beyond.
    private func divergence(of bins: ArraySlice<Float>, threshold: Int, levels: Int) -> Double {
        var reference = Array(bins[..<threshold])
        reference[threshold - 1] += bins[threshold...].reduce(0, +)
        var (difference, sum, kept) = (0.0, 0.0, 0.0)
        for level in 0..<levels {
            let group = level * threshold / levels..<(level + 1) * threshold / levels
            let filled = reference[group].count { $0 > 0 }
            guard filled > 0 else { continue }
            // A bin that has nothing but what lay beyond gets half a number, so that the divergence stays finite.
            let mean = max(Double(bins[group].reduce(0, +)) / Double(filled), 0.5)
            for bin in group where reference[bin] > 0 {
                let count = Double(reference[bin])
                difference += count * log(count / mean)
                sum += count
                kept += mean
            }
        }
        return difference / sum - log(sum / kept)
    }
}

extension QuantizationGrid {
    /// The 256 levels of uint8 over a range and 0.
    init(covering range: ClosedRange<Float>) {
        let (lower, upper) = (min(0, range.lowerBound), max(0, range.upperBound))
        // Not of the difference, which may overflow.
        let step = upper / 255 - lower / 255
        let scale = step.isNormal ? step : 1
        self.init(scale: scale, zeroPoint: (-lower / scale).rounded(), lower: 0, upper: 255)
    }
}
