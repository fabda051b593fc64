import CKernels

/// Weights of 8 bits, a scale for each output: whole numbers, −128 … 127, that stand for multiples of it.
///
/// Packed for the tile of a product: `[panel][tap][quad][tile columns][4]`, a quad being four of a tap's numbers.
struct QuantizedWeights: Sendable {
    let outputs: Int
    let taps: Int
    /// Of four numbers each, in a tap.
    let quads: Int
    let panels: Int
    /// Floats of memory of one panel.
    let panelFloats: Int
    let packed: AlignedFloats
    /// `[outputs]`
    let scales: [Float]
    /// The sum of each output's weights.
    let sums: [Double]
    /// Of all outputs.
    let count: Int

    /// What 32 bits hold of products of 255 and −128.
    private static let mostTerms = Int(Int32.max) / (255 * 128)

    /// - Parameters:
    ///   - weights: of `outputs × channels × taps × merged` elements in that order.
    ///   - merged: the taps whose channels follow one another in a row of input.
    init(
        _ weights: Tensor, scales: Tensor, outputs: Int, channels: Int, taps: Int, merged: Int = 1, kernels: KernelTable
    ) throws(ComputeError) {
        let (whole, elements) = try Self.rounded(weights, scales: scales, outputs: outputs)
        let columns = kernels.integers.tile_columns
        panels = divideUp(outputs, columns)
        quads = divideUp(channels * merged, 4)
        guard let count = product(panels, taps, quads, columns) else {
            throw .tooLarge(what: "a layer's packed weights", limit: Int.max)
        }
        packed = AlignedFloats(count: count) { packed in
            i8_pack_panels(
                whole, outputs, channels, taps, merged, columns,
                UnsafeMutableRawPointer(packed).assumingMemoryBound(to: Int8.self))
        }
        panelFloats = count / panels
        (self.outputs, self.taps) = (outputs, taps)
        self.count = weights.count
        self.scales = Array(scales.values)
        sums = Self.sums(whole, elements: elements)
    }

    /// Whether 32 bits hold the sums that weights `[outputs, …]` may make.
    static func canSum(_ weights: Tensor) -> Bool {
        guard let outputs = weights.shape.first, outputs > 0 else { return false }
        return weights.count / outputs <= mostTerms
    }

    /// The weights' whole numbers, and how many each output has.
    ///
    /// - Throws: ``ComputeError`` where there is not a scale for each output, or more numbers than a sum can hold.
    static func rounded(
        _ weights: Tensor, scales: Tensor, outputs: Int
    ) throws(ComputeError) -> (whole: [Int8], elements: Int) {
        guard outputs > 0, scales.shape == [outputs] else {
            throw .shapeMismatch(tensor: "weights' scales", expected: [outputs], found: scales.shape)
        }
        let elements = weights.count / outputs
        guard canSum(weights) else {
            throw .tooLarge(what: "a sum of products of 8 bits", limit: mostTerms)
        }
        let whole = [Int8](unsafeUninitializedCapacity: weights.count) { whole, count in
            count = weights.count
            weights.withUnsafeBufferPointer { weights in
                scales.withUnsafeBufferPointer { scales in
                    guard let weights = weights.baseAddress, let scales = scales.baseAddress,
                        let target = whole.baseAddress
                    else { return }
                    i8_round_weights(weights, scales, outputs, elements, target)
                }
            }
        }
        return (whole, elements)
    }

    static func sums(_ whole: [Int8], elements: Int) -> [Double] {
        stride(from: 0, to: whole.count, by: max(elements, 1)).map { first in
            Double(whole[first..<first + elements].reduce(0) { $0 + Int($1) })
        }
    }
}
