import Testing

@testable import Learning

struct SymmetricEigenvectorsTests {
    @Test func `Finds NumPy's eigenvalues and eigenvectors`() throws {
        for expected in try NoveltyFixture.load().symmetric {
            let eigen = SymmetricEigenvectors(of: expected.matrix, size: expected.size)
            #expect(largestDifference(eigen.values, expected.values) < 1e-12)
            #expect(largestDifferenceOfDirections(eigen.vectors, expected.vectors, length: expected.size) < 1e-10)
        }
    }

    @Test func `Equal eigenvalues, zeros and a matrix of one direction`() {
        #expect(SymmetricEigenvectors(of: [2, 0, 0, 2], size: 2).values == [2, 2])
        #expect(SymmetricEigenvectors(of: [0, 0, 0, 0], size: 2).values == [0, 0])
        // All ones: by hand, 3 along (1, 1, 1)/√3, else nothing.
        let ones = SymmetricEigenvectors(of: [Double](repeating: 1, count: 9), size: 3)
        #expect(largestDifference(ones.values, [3, 0, 0]) < 1e-14)
        #expect(ones.vectors.prefix(3).allSatisfy { abs(abs($0) - 1 / 3.0.squareRoot()) < 1e-14 })
    }
}
