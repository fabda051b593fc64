import Compute
import Testing

@testable import Network

struct ValueHistogramTests {
    /// Of the standard normal distribution, by the sum of uniform ones (Irwin-Hall), which has no far outliers, and mirrored.
    private static func normal(_ count: Int) -> [Float] {
        var generator = SeededGenerator(seed: 3)
        return (0..<count / 2).flatMap { _ -> [Float] in
            let sum = (0..<48).reduce(Float(0)) { sum, _ in sum + Float.random(in: -0.5..<0.5, using: &generator) }
            return [sum / 2, -sum / 2]
        }
    }

    @Test func `numbers are counted whatever came before`() throws {
        var (grown, whole) = (ValueHistogram(), ValueHistogram())
        let numbers: [Float] = [0, 1e-20, -3, 0.5, 70, -70, 1e4, 12]
        for number in numbers { try add([number], to: &grown) }
        try add(numbers, to: &whole)
        #expect(grown.counts == whole.counts && grown.width == whole.width)
        #expect(whole.counts.reduce(0, +) == numbers.count)
        #expect((whole.minimum, whole.maximum) == (-70, 1e4))
        for number in numbers {
            let bin = Int((number / whole.width).rounded(.down)) + ValueHistogram.side
            #expect(whole.counts[bin] > 0 && abs(whole.center(of: bin) - number) <= whole.width / 2, "\(number)")
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func `no number is refused`(_ value: Float) throws {
        var histogram = ValueHistogram()
        try add([1, 2], to: &histogram)
        let before = histogram.counts
        let isCounted = histogram.add([3, value])
        #expect(!isCounted)
        #expect(histogram.counts == before)
    }

    @Test func `the percentile leaves out a ten-thousandth at either end`() throws {
        var histogram = ValueHistogram()
        let numbers = (0..<100_000).map { Float($0) - 20_000 } + [1e5, -1e5]
        try add(numbers, to: &histogram)
        let range = histogram.range(by: .percentile)
        // Nine of ten that are left out stand at the end beside the outlier.
        #expect(abs(range.lowerBound - -19_991) <= histogram.width, "\(range)")
        #expect(abs(range.upperBound - 79_990) <= histogram.width, "\(range)")
    }

    /// Banner et al. 2019, "Post-training 4-bit quantization of convolution networks for rapid-deployment", table of optimal
    /// clipping values: 3.92 σ for 8 bits.
    @Test func `the least mean square error of a normal distribution is at the published range`() throws {
        var histogram = ValueHistogram()
        try add(Self.normal(200_000) + [6, -6], to: &histogram)
        let range = histogram.range(by: .mse)
        #expect(abs(range.upperBound - 3.92) < 0.3 && abs(range.lowerBound + 3.92) < 0.3, "\(range)")
    }

    @Test func `the divergence leaves out what is far and rare, and nothing of an even distribution`() throws {
        var (even, outlier) = (ValueHistogram(), ValueHistogram())
        let numbers = (0..<100_000).map { Float($0) / 1000 }
        try add(numbers, to: &even)
        #expect(even.range(by: .entropy).upperBound > 98, "\(even.range(by: .entropy))")
        try add(Self.normal(100_000).map(abs) + [40], to: &outlier)
        #expect(outlier.range(by: .entropy).upperBound < 10, "\(outlier.range(by: .entropy))")
    }

    @Test(arguments: CalibrationMethod.allCases)
    func `values that never change, and single ones, have a range`(_ method: CalibrationMethod) throws {
        for value in [Float(0), 3, -3] {
            var histogram = ValueHistogram()
            try add([value, value], to: &histogram)
            let grid = QuantizationGrid(covering: histogram.range(by: method))
            #expect(abs(rounded(value, to: grid) - value) <= 1e-6)
        }
    }

    @Test(arguments: [(Float(-1), Float(2)), (0, 6), (1, 3), (-4, -1), (0, 0), (-3e38, 3e38)])
    func `a grid has 0 and reaches both ends`(_ lower: Float, _ upper: Float) {
        let grid = QuantizationGrid(covering: lower...upper)
        #expect((grid.lower, grid.upper) == (0, 255))
        #expect((0...255).contains(grid.zeroPoint) && grid.zeroPoint == grid.zeroPoint.rounded())
        #expect(grid.scale.isNormal)
        #expect(rounded(0, to: grid) == 0)
        // Half a step for rounding the number, another for rounding the zero point.
        for end in [lower, upper] { #expect(abs(rounded(end, to: grid) - end) <= 1.01 * grid.scale, "\(end): \(grid)") }
        if lower >= 0 { #expect(grid.zeroPoint == 0) }
    }

    private func add(_ numbers: [Float], to histogram: inout ValueHistogram) throws {
        let isCounted = histogram.add(numbers)
        try #require(isCounted)
    }

    private func rounded(_ value: Float, to grid: QuantizationGrid) -> Float {
        let whole = min(max((value / grid.scale).rounded() + grid.zeroPoint, grid.lower), grid.upper)
        return (whole - grid.zeroPoint) * grid.scale
    }

    @Test(arguments: CalibrationMethod.allCases)
    func `numbers all on one side of 0 have a range`(_ method: CalibrationMethod)
        throws
    {
        for sign in [Float(1), -1] {
            for numbers in [[1] + Array(repeating: Float(0.980103), count: 100_000), [0.55, 0.6, 0.8, 1]] {
                var histogram = ValueHistogram()
                try add(numbers.map { $0 * sign }, to: &histogram)
                let range = histogram.range(by: method)
                let far = sign > 0 ? range.upperBound : -range.lowerBound
                #expect(far > 0.5 && far <= 1.01, "\(range)")
            }
        }
    }
}
