/// Sums over vectors of doubles, always in the same order.
enum VectorArithmetic {
    /// Σ a·b, in 8 interleaved sums: one would wait for each addition.
    static func dot(_ a: [Double], _ b: [Double]) -> Double {
        a.withUnsafeBytes { a in
            b.withUnsafeBytes { b in
                var sums = SIMD8<Double>.zero
                let whole = a.count / 64 * 64
                for offset in stride(from: 0, to: whole, by: 64) {
                    sums +=
                        a.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self)
                        * b.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self)
                }
                var sum = sums.sum()
                for offset in stride(from: whole, to: a.count, by: 8) {
                    sum +=
                        a.load(fromByteOffset: offset, as: Double.self)
                        * b.load(fromByteOffset: offset, as: Double.self)
                }
                return sum
            }
        }
    }

    /// `y += a·x`
    static func add(_ a: Double, _ x: [Double], to y: inout [Double]) {
        x.withUnsafeBufferPointer { x in
            y.withUnsafeMutableBufferPointer { y in
                for index in 0..<y.count { y[index] += a * x[index] }
            }
        }
    }

    /// The largest absolute value; NaN where one is NaN.
    static func maximumNorm(_ x: [Double]) -> Double {
        x.reduce(0) { $0.isNaN || abs($1) <= $0 ? $0 : abs($1) }
    }
}
