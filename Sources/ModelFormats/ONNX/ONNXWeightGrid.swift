import Compute

/// The scales of a constant tensor whose elements are whole multiples of them, −128 … 127 each.
struct ONNXWeightGrid {
    /// One for all, or one for each index along ``axis``.
    private let scales: [Float]
    private let axis: Int

    /// `nil` where a multiple is not whole or does not fit 8 bits, or a scale is no positive number.
    init?(multiples: Tensor, scales: Tensor, axis: Int) {
        let values = scales.values
        guard values.allSatisfy({ $0.isNormal && $0 > 0 }), !values.isEmpty else { return nil }
        let fits = unsafe multiples.withUnsafeBufferPointer {
            unsafe $0.allSatisfy { (-128...127).contains($0) && $0 == $0.rounded() }
        }
        guard fits else { return nil }
        (self.scales, self.axis) = (values, axis)
    }

    /// The scales of the `outputs` indices along `axis`, each `factor` times as large; `nil` where there is not one for each.
    func scales(along axis: Int, outputs: Int, factor: Float = 1) -> Tensor? {
        guard factor > 0, scales.count == 1 || self.axis == axis && scales.count == outputs else { return nil }
        let all = scales.count == 1 ? Array(repeating: scales[0], count: outputs) : scales
        return try? Tensor(shape: [outputs], values: all.map { factor * $0 })
    }
}
