import Compute
import Testing

@testable import Network

/// Operations and errors read as words, without the spelling of Swift's values.
struct OperationDescriptionTests {
    private static let grid = QuantizationGrid(scale: 0.5, zeroPoint: 3, lower: 0, upper: 255)

    @Test(arguments: [
        (UnaryFunction.hardSwish, "hard swish"), (.elu(alpha: 0.5), "ELU of α 0.5"),
        (.quantize(grid), "quantize by 0.5 from 3.0 to [0.0, 255.0]"),
        (.roundToGrid(grid), "round to grid of 0.5 from 3.0 to [0.0, 255.0]"),
    ])
    func functionsAreCalledByWords(_ function: UnaryFunction, _ words: String) {
        #expect(Operation.unary(function).description == words)
    }

    @Test func aWindowThatDoesNotFitIsDescribed() {
        let pool = Operation.maxPool(Window(kernel: 3, stride: 2))
        #expect {
            _ = try pool.outputShape(of: [[1, 2, 2]], node: "pool")
        } throws: { error in
            "\(error)".contains(
                "its 3×3 window (stride 2×2, dilation 1×1, padding top 0, left 0, bottom 0, right 0) does not fit")
        }
    }
}
