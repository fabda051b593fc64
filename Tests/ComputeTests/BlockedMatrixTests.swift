import Compute
import Testing

struct BlockedMatrixTests {
    private static func number(_ index: Int) -> Float { Float((index &* 2_654_435_761) % 1009) / 504 - 1 }

    @Test(arguments: KernelTable.available)
    func `Both products are the triple loop's`(isa: String) throws {
        let kernels = try KernelTable.select(named: isa)
        for (rows, columns, outputs) in [
            (1, 1, 1), (5, 16, 2), (97, 33, 10), (193, 40, 17), (300, 1280, 3), (10, 50, 29),
        ] {
            let x = { (row: Int, column: Int) in Self.number(row * columns + column) }
            let matrix = try BlockedMatrix(rows: rows, columns: columns, kernels: kernels, pool: nil) { row, line in
                for column in 0..<columns { line[column] = x(row, column) }
            }
            let weights = (0..<outputs * columns).map { Self.number($0 + 77) }
            let bias = (0..<outputs).map { Self.number($0 + 5) }
            let right = matrix.multiply(by: try matrix.factor(weights: weights, bias: bias), pool: nil)
            for row in 0..<rows {
                for output in 0..<outputs {
                    var sum = Double(bias[output])
                    for column in 0..<columns {
                        sum += Double(x(row, column)) * Double(weights[output * columns + column])
                    }
                    #expect(abs(Double(right[row * outputs + output]) - sum) < 1e-6 * Double(columns + 1))
                }
            }
            for block in 0..<matrix.blocks {
                let range = matrix.rows(ofBlock: block)
                let left = (0..<outputs * range.count).map { Self.number($0 + 9) }
                var product = [Float](repeating: 3, count: outputs * matrix.paddedColumns)
                product.withUnsafeMutableBufferPointer { buffer in
                    guard let start = buffer.baseAddress else { return }
                    matrix.add(left, outputs: outputs, byBlock: block, to: start)
                }
                for output in 0..<outputs {
                    for column in 0..<columns {
                        var sum = 3.0
                        for row in range {
                            sum +=
                                Double(left[output * range.count + row - range.lowerBound])
                                * Double(x(row, column))
                        }
                        #expect(abs(Double(product[output * matrix.paddedColumns + column]) - sum) < 1e-4)
                    }
                }
            }
        }
    }

    @Test func `A factor of another width is refused`() throws {
        let matrix = try BlockedMatrix(rows: 2, columns: 3, kernels: .selected, pool: nil) { _, line in
            line.update(repeating: 0)
        }
        #expect(throws: ComputeError.shapeMismatch(tensor: "factor", expected: [2, 3], found: [4])) {
            try matrix.factor(weights: [1, 2, 3, 4], bias: [0, 0])
        }
    }
}
