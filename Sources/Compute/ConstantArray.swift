/// A fixed array, brought to memory order once.
public struct ConstantArray: Sendable {
    private let values: AlignedFloats
    private let count: Int
    /// The elements in memory order, as long as this lives.
    public var pointer: UnsafePointer<Float> { values.pointer }

    public init(_ tensor: Tensor) {
        count = tensor.count
        let strides = MemoryOrder.strides(of: tensor.shape)
        let logical = MemoryOrder.rowMajor(tensor.shape)
        values = AlignedFloats(count: tensor.count) { target in
            tensor.withUnsafeBufferPointer { source in
                for index in source.indices {
                    let place = tensor.shape.indices.reduce(0) {
                        $0 + index / logical[$1] % tensor.shape[$1] * strides[$1]
                    }
                    (target + place).initialize(to: source[index])
                }
            }
        }
    }

    /// Writes it for each of `images`.
    public func run(output: UnsafeMutablePointer<Float>, images: Int) {
        for image in 0..<images { (output + image * count).update(from: values.pointer, count: count) }
    }
}
