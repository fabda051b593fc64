import Foundation

/// Floats that start on a cache line, filled once.
///
/// Sendable: written only by the closure given to the initialiser.
final class AlignedFloats: @unchecked Sendable {
    let pointer: UnsafePointer<Float>
    private let memory: UnsafeMutableRawPointer
    /// Bytes of pages of its own; 0 where the memory is the allocator's.
    private let mapped: Int

    /// `count` floats, all of them written by `initialize`.
    ///
    /// - Parameter isFilledInOrder: whether from the first to the last. Else large pages would all be there as soon as a
    ///   few floats of each are written, and come when all are.
    init(count: Int, isFilledInOrder: Bool = true, initialize: (UnsafeMutablePointer<Float>) -> Void) {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        if bytes < HugePages.size, let pages = Self.pages(bytes) {
            (memory, mapped) = (pages, bytes)
        } else if bytes < HugePages.size {
            (memory, mapped) = (.allocate(byteCount: bytes, alignment: 64), 0)
        } else {
            mapped = 0
            // Large weights are streamed once per image.
            memory = .allocate(byteCount: bytes, alignment: HugePages.size)
            if isFilledInOrder { HugePages.advise(UnsafeMutableRawBufferPointer(start: memory, count: bytes)) }
        }
        let floats = memory.bindMemory(to: Float.self, capacity: count)
        initialize(floats)
        if bytes >= HugePages.size, !isFilledInOrder {
            HugePages.collapse(UnsafeMutableRawBufferPointer(start: memory, count: bytes))
        }
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

    convenience init(_ values: [Float], paddedTo count: Int) {
        self.init(count: count) { floats in
            floats.update(repeating: 0, count: count)
            for (index, value) in values.prefix(count).enumerated() { floats[index] = value }
        }
    }

    /// As many bytes, and a few more, of one number.
    convenience init(bytes: Int, of number: UInt8) {
        let count = divideUp(bytes, MemoryLayout<Float>.stride)
        self.init(count: count) { floats in
            UnsafeMutableRawPointer(floats).initializeMemory(
                as: UInt8.self, repeating: number, count: count * MemoryLayout<Float>.stride)
        }
    }

    deinit {
        if mapped > 0 { munmap(memory, mapped) } else { memory.deallocate() }
    }

    /// Pages of its own for what lives as long as a model: they go back to the system when it is let go, and do not lie
    /// scattered among the buffers of requests. `nil` for what is too small to fill some, or where there are none.
    private static func pages(_ bytes: Int) -> UnsafeMutableRawPointer? {
        guard bytes >= 1 << 16 else { return nil }
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        return memory == MAP_FAILED ? nil : memory
    }
}
