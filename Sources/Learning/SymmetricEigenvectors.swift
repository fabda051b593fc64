/// The eigenvectors of a small symmetric matrix, by Jacobi's rotations: Golub and Van Loan, "Matrix Computations",
/// 4th edition, 2013, algorithm 8.5.2, cyclic by row.
///
/// n³ a sweep, and some ten sweeps: meant for n of at most a hundred or so.
struct SymmetricEigenvectors {
    /// Descending.
    let values: [Double]
    /// `[n, n]`: a row for each value, of length 1. Of either sign.
    let vectors: [Double]

    /// - Parameter matrix: `[size, size]`, symmetric and finite.
    init(of matrix: [Double], size: Int) {
        var matrix = matrix
        var vectors = [Double](repeating: 0, count: size * size)
        for index in 0..<size { vectors[index * size + index] = 1 }
        matrix.withUnsafeMutableBufferPointer { matrix in
            vectors.withUnsafeMutableBufferPointer { vectors in
                // Convergence is quadratic; rounding leaves nothing to rotate away long before the last sweep.
                for _ in 0..<30 where !Self.sweep(matrix, vectors, size) { break }
            }
        }
        let order = (0..<size).sorted {
            let (first, second) = (matrix[$0 * size + $0], matrix[$1 * size + $1])
            return first == second ? $0 < $1 : first > second
        }
        values = order.map { matrix[$0 * size + $0] }
        self.vectors = order.flatMap { vectors[$0 * size..<($0 + 1) * size] }
    }

    /// Rotates each pair of rows and columns once; says whether there was anything to rotate.
    private static func sweep(
        _ matrix: UnsafeMutableBufferPointer<Double>, _ vectors: UnsafeMutableBufferPointer<Double>, _ size: Int
    ) -> Bool {
        var rotated = false
        for p in 0..<size {
            for q in p + 1..<max(size, p + 1) {
                let (off, first, second) = (matrix[p * size + q], matrix[p * size + p], matrix[q * size + q])
                guard abs(off) > 1e-15 * (abs(first) * abs(second)).squareRoot() else { continue }
                rotated = true
                let tau = (second - first) / (2 * off)
                let tangent = (tau < 0 ? -1 : 1) / (abs(tau) + (1 + tau * tau).squareRoot())
                let cosine = 1 / (1 + tangent * tangent).squareRoot()
                let sine = tangent * cosine
                for index in 0..<size {
                    let (a, b) = (matrix[index * size + p], matrix[index * size + q])
                    matrix[index * size + p] = cosine * a - sine * b
                    matrix[index * size + q] = sine * a + cosine * b
                }
                for index in 0..<size {
                    let (a, b) = (matrix[p * size + index], matrix[q * size + index])
                    matrix[p * size + index] = cosine * a - sine * b
                    matrix[q * size + index] = sine * a + cosine * b
                    let (v, w) = (vectors[p * size + index], vectors[q * size + index])
                    vectors[p * size + index] = cosine * v - sine * w
                    vectors[q * size + index] = sine * v + cosine * w
                }
            }
        }
        return rotated
    }
}
