/// Floats that start on a cache line, filled once.
///
/// Sendable: written only by the closure given to the initialiser.
final class AlignedFloats: @unchecked Sendable {
    let pointer: UnsafePointer<Float>
    private let memory: UnsafeMutableRawPointer

    /// `count` zeros, then changed by `initialize`.
    init(count: Int, initialize: (UnsafeMutablePointer<Float>) -> Void = { _ in }) {
        memory = .allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        let floats = memory.initializeMemory(as: Float.self, repeating: 0, count: max(count, 1))
        initialize(floats)
        pointer = UnsafePointer(floats)
    }

    convenience init(copying tensor: Tensor) {
        self.init(count: tensor.count) { floats in
            tensor.withUnsafeBufferPointer { source in
                guard let start = source.baseAddress else { return }
                floats.update(from: start, count: source.count)
            }
        }
    }

    deinit { memory.deallocate() }
}
