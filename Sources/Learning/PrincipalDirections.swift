import Compute

/// The directions in which the rows of a matrix vary most about zero: the leading eigenvectors of XᵀX.
///
/// Subspace iteration from random directions, a few more than asked for: Halko, Martinsson and Tropp, "Finding Structure with
/// Randomness", 2011, algorithm 4.4, on the rows' space. X is only multiplied by some vectors, so that XᵀX never exists.
struct PrincipalDirections {
    /// `[count, columns]`, orthonormal.
    let vectors: [Double]
    /// ‖X·v‖² of each direction, descending.
    let values: [Double]
    /// ‖X‖², over all directions.
    let total: Double

    /// - Parameter count: how many; at most as many as `matrix` has rows or columns are returned.
    init(of matrix: BlockedMatrix, count: Int, seed: UInt64, pool: ComputePool?) throws {
        total = Self.squaredNorm(matrix, pool: pool)
        let columns = matrix.columns
        let count = min(count, matrix.rows, columns)
        guard count > 0 else {
            (vectors, values) = ([], [])
            return
        }
        let trial = min(count + Self.oversampling, matrix.rows, columns)
        let gram = GramProduct(matrix, vectors: trial, pool: pool)
        var random = SplitMix64(seed: seed)
        var basis = Self.orthonormalized((0..<trial).map { _ in (0..<columns).map { _ in random.uniform() - 0.5 } })
        for _ in 0..<Self.iterations { basis = Self.orthonormalized(try gram.multiply(basis)) }
        // Rayleigh and Ritz: the eigenvectors within the subspace.
        let images = try gram.multiply(basis)
        let within = (0..<trial * trial).map { index in
            let (row, column) = index.quotientAndRemainder(dividingBy: trial)
            return VectorArithmetic.dot(images[min(row, column)], basis[max(row, column)])
        }
        let eigen = SymmetricEigenvectors(of: within, size: trial)
        values = eigen.values.prefix(count).map { max(0, $0) }
        vectors = (0..<count).flatMap { index in
            var vector = [Double](repeating: 0, count: columns)
            for (other, direction) in basis.enumerated() {
                VectorArithmetic.add(eigen.vectors[index * trial + other], direction, to: &vector)
            }
            return vector
        }
    }

    private static let oversampling = 8
    /// Each divides what is left of a direction by the square of its singular value's ratio to the last one kept.
    private static let iterations = 6

    /// Orthonormal vectors that span what `vectors` do; one that those before it span becomes zero. By Gram and Schmidt, twice,
    /// which makes up for rounding: Giraud, Langou and Rozložník, 2005.
    private static func orthonormalized(_ vectors: [[Double]]) -> [[Double]] {
        var vectors = vectors
        for index in vectors.indices {
            let length = VectorArithmetic.dot(vectors[index], vectors[index]).squareRoot()
            for _ in 0..<2 {
                for other in 0..<index {
                    let part = VectorArithmetic.dot(vectors[index], vectors[other])
                    VectorArithmetic.add(-part, vectors[other], to: &vectors[index])
                }
            }
            let left = VectorArithmetic.dot(vectors[index], vectors[index]).squareRoot()
            let scale = left > 1e-6 * length ? 1 / left : 0
            for column in vectors[index].indices { vectors[index][column] *= scale }
        }
        return vectors
    }

    private static func squaredNorm(_ matrix: BlockedMatrix, pool: ComputePool?) -> Double {
        let squares = BlockSum(blocks: matrix.blocks, count: 1)
        squares.run(pool: pool) { block, _, sum in
            let row = UnsafeMutableBufferPointer<Float>.allocate(capacity: matrix.columns)
            defer { row.deallocate() }
            for index in matrix.rows(ofBlock: block) {
                matrix.copyRow(index, to: row)
                for column in 0..<row.count { sum[0] += Double(row[column]) * Double(row[column]) }
            }
        }
        return squares.total[0]
    }
}

/// Multiplies a few vectors by XᵀX, a block of X at a time.
private struct GramProduct {
    private let matrix: BlockedMatrix
    private let count: Int
    private let pool: ComputePool?
    /// `[vectors, padded columns]`
    private let sum: BlockSum

    init(_ matrix: BlockedMatrix, vectors: Int, pool: ComputePool?) {
        self.matrix = matrix
        self.count = vectors
        self.pool = pool
        let count = vectors * matrix.paddedColumns
        sum = BlockSum(blocks: matrix.blocks, count: count, floats: count)
    }

    func multiply(_ vectors: [[Double]]) throws -> [[Double]] {
        let (matrix, count) = (matrix, count)
        let stride = matrix.paddedColumns
        let factor = try matrix.factor(
            weights: vectors.flatMap { $0.map(Float.init) }, bias: [Float](repeating: 0, count: count))
        sum.run(pool: pool) { block, sum, _ in
            let rows = matrix.rows(ofBlock: block).count
            let scratch = UnsafeMutablePointer<Float>.allocate(capacity: 2 * count * rows)
            defer { scratch.deallocate() }
            let (projections, transposed) = (scratch, scratch + count * rows)
            matrix.multiply(block: block, by: factor, into: projections)
            for row in 0..<rows {
                for index in 0..<count { transposed[index * rows + row] = projections[row * count + index] }
            }
            matrix.add(transposed, outputs: count, byBlock: block, to: sum)
        }
        let total = sum.total
        return (0..<count).map { Array(total[$0 * stride..<$0 * stride + matrix.columns]) }
    }
}
