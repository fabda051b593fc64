import Compute
import Testing

@testable import Learning

struct PrincipalDirectionsTests {
    @Test func `Finds NumPy's leading eigenvectors of XᵀX`() throws {
        let expected = try NoveltyFixture.load().spectrum
        let directions = try PrincipalDirections(
            of: matrix(expected.x.map(Float.init), columns: expected.columns), count: expected.count, seed: 5,
            pool: nil)
        #expect(abs(directions.total / expected.total - 1) < 1e-6)
        for (value, other) in zip(directions.values, expected.values) {
            #expect(abs(value / other - 1) < 1e-5, "\(value) \(other)")
        }
        let difference = largestDifferenceOfDirections(
            directions.vectors, expected.vectors, length: expected.columns)
        #expect(difference < 1e-3, "\(difference)")
    }

    @Test func `More directions than the rows span have no length along them`() throws {
        // Three rows of rank 1.
        let directions = try PrincipalDirections(
            of: matrix([3, 0, 4, 0, 6, 0, 8, 0, 0, 0, 0, 0], columns: 4), count: 9, seed: 0, pool: nil)
        #expect(directions.values.count == 3)
        #expect(largestDifference(directions.values, [125, 0, 0]) < 1e-4)
        #expect(largestDifferenceOfDirections(Array(directions.vectors.prefix(4)), [0.6, 0, 0.8, 0], length: 4) < 1e-6)
        #expect(abs(directions.total - 125) < 1e-9)
    }

    @Test func `Any number of threads gives the same bits`() throws {
        var random = SplitMix64(seed: 3)
        let values = (0..<600 * 30).map { _ in Float(random.uniform()) }
        let results = try [nil, ComputePool(threads: 2), ComputePool(threads: 5)].map { pool in
            try PrincipalDirections(of: matrix(values, columns: 30, pool: pool), count: 4, seed: 1, pool: pool)
        }
        for result in results.dropFirst() {
            #expect(result.vectors == results[0].vectors)
            #expect(result.values == results[0].values)
        }
    }

    private func matrix(_ values: [Float], columns: Int, pool: ComputePool? = nil) throws -> BlockedMatrix {
        try BlockedMatrix(rows: values.count / columns, columns: columns, kernels: .selected, pool: pool) { row, line in
            _ = line.update(fromContentsOf: values[row * columns..<(row + 1) * columns])
        }
    }
}
