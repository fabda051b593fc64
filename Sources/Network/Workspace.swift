import Compute

/// The memory of one run: an arena for each thread, and the values that the whole batch keeps.
///
/// `@unchecked Sendable`: one run owns it at a time.
final class Workspace: @unchecked Sendable {
    private let arenas: UnsafeMutableBufferPointer<Float>
    private let arenaCount: Int
    private var kept = Workspace.allocate(0)

    init(arenaCount: Int, threads: Int) {
        self.arenaCount = arenaCount
        arenas = Self.allocate(arenaCount * threads)
    }

    deinit {
        arenas.deallocate()
        kept.deallocate()
    }

    /// Makes room for `count` floats of kept values; what they were is lost.
    func reserveKept(_ count: Int) {
        guard kept.count < count else { return }
        kept.deallocate()
        kept = Self.allocate(count)
    }

    /// Frees the kept values where they take more than `limit` floats.
    func releaseKept(above limit: Int) {
        guard kept.count > limit else { return }
        kept.deallocate()
        kept = Self.allocate(0)
    }

    /// The floats allocated for kept values.
    var keptCapacity: Int { kept.count }

    /// The start of a thread's arena.
    func arena(_ worker: Int) -> UnsafeMutablePointer<Float> { Self.start(arenas) + worker * arenaCount }

    /// The start of the kept values.
    var keptValues: UnsafeMutablePointer<Float> { Self.start(kept) }

    private static func start(_ buffer: UnsafeMutableBufferPointer<Float>) -> UnsafeMutablePointer<Float> {
        guard let start = buffer.baseAddress else { preconditionFailure("an allocation has an address") }
        return start
    }

    private static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: bytes, alignment: bytes < HugePages.size ? 64 : HugePages.size)
        HugePages.advise(memory)
        return memory.bindMemory(to: Float.self)
    }
}
