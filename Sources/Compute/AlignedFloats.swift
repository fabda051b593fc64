#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Floats that start on a cache line, filled once.
///
/// Sendable: written only by the closure given to the initialiser.
final class AlignedFloats: @unchecked Sendable {
    let pointer: UnsafePointer<Float>
    private let memory: UnsafeMutableRawPointer

    /// `count` floats, all of them written by `initialize`.
    init(count: Int, initialize: (UnsafeMutablePointer<Float>) -> Void) {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        let hugePage = 1 << 21
        if bytes < hugePage {
            memory = .allocate(byteCount: bytes, alignment: 64)
        } else {
            // Large weights are streamed once per image: pages of 2 MB spare a TLB miss every 4 KB of them.
            memory = .allocate(byteCount: bytes, alignment: hugePage)
            #if os(Linux)
                _ = madvise(memory, bytes, MADV_HUGEPAGE)
            #endif
        }
        let floats = memory.bindMemory(to: Float.self, capacity: count)
        initialize(floats)
        pointer = UnsafePointer(floats)
    }

    /// The tensor's elements, if there is one, then zeros up to `count`.
    convenience init(_ tensor: Tensor?, paddedTo count: Int) {
        self.init(count: count) { floats in
            floats.update(repeating: 0, count: count)
            tensor?.withUnsafeBufferPointer { source in
                guard let start = source.baseAddress else { return }
                floats.update(from: start, count: min(source.count, count))
            }
        }
    }

    deinit { memory.deallocate() }
}
