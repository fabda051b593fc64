import Compute
import Foundation

@testable import Network

/// Weights of 0, of any name and shape, in pages that nobody touches and that take no memory.
struct Zeros: TensorSource {
    func shape(of name: String) -> [Int]? { nil }

    func tensor(_ name: String, shape: [Int]) throws -> Tensor {
        let count = try Tensor.elementCount(of: shape)
        let pages = try Pages(bytes: max(count, 1) * MemoryLayout<Float>.stride)
        let floats = UnsafeBufferPointer(start: pages.start.assumingMemoryBound(to: Float.self), count: count)
        return try Tensor(shape: shape, elements: floats, ownedBy: pages)
    }

    /// Sendable: never written.
    private final class Pages: @unchecked Sendable {
        let start: UnsafeMutableRawPointer
        private let bytes: Int

        init(bytes: Int) throws {
            let memory = mmap(nil, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let memory, memory != MAP_FAILED else { throw CocoaError(.fileReadUnknown) }
            (start, self.bytes) = (memory, bytes)
        }

        deinit { munmap(start, bytes) }
    }
}
