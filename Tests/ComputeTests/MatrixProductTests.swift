import Compute
import Testing

struct MatrixProductTests {
    private static func numbers(_ count: Int, seed: Int) -> [Float] {
        (0..<count).map { Float((($0 + seed) &* 2_654_435_761) % 1009) / 504 - 1 }
    }

    @Test(arguments: KernelTable.available)
    func `Is the triple loop, and the same bits with threads`(isa: String) throws {
        let product = MatrixProduct(kernels: try .select(named: isa))
        let pool = ComputePool(threads: 3)
        for (rows, inner, columns) in [(1, 1, 1), (7, 300, 33), (130, 2, 64), (13, 16, 10), (64, 257, 128)] {
            let a = Self.numbers(rows * inner, seed: 1)
            let b = Self.numbers(inner * columns, seed: 2)
            let bias = Self.numbers(columns, seed: 3)
            for bias in [nil, bias] {
                var results: [[Float]] = []
                for pool in [nil, pool] {
                    var output = [Float](repeating: .nan, count: rows * columns)
                    product.run(
                        a, b, bias: bias, activation: .relu, rows: rows, inner: inner, columns: columns, into: &output,
                        pool: pool)
                    results.append(output)
                }
                #expect(results[0] == results[1])
                for row in 0..<rows {
                    for column in 0..<columns {
                        var sum = Double(bias?[column] ?? 0)
                        for index in 0..<inner {
                            sum += Double(a[row * inner + index]) * Double(b[index * columns + column])
                        }
                        let found = Double(results[0][row * columns + column])
                        #expect(abs(found - max(sum, 0)) < 1e-6 * Double(inner + 1), "\(isa) \(row) \(column)")
                    }
                }
            }
        }
    }

    @Test func `A transposed matrix has rows for columns`() {
        var transposed = [Float](repeating: 0, count: 6)
        MatrixProduct.transpose([1, 2, 3, 4, 5, 6], rows: 2, columns: 3, into: &transposed)
        #expect(transposed == [1, 4, 2, 5, 3, 6])
    }
}
