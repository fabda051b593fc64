import Foundation

/// Floats whose last one ends at a page that may not be touched: reading or writing past the end ends the process.
final class GuardedFloats {
    let count: Int
    let pointer: UnsafeMutablePointer<Float>
    private let mapping: UnsafeMutableRawPointer
    private let mappedBytes: Int
    /// QEMU 7 reads all of a masked vector, where a processor leaves alone what is masked off: there the page may be read.
    private static let access =
        ProcessInfo.processInfo.environment["MARTLET_GUARD_PAGES"] == "readable" ? PROT_READ : PROT_NONE

    init(count: Int) {
        let page = 4096
        let bytes = (count * MemoryLayout<Float>.stride + page - 1) / page * page
        let mapping = mmap(nil, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapping, mapping != MAP_FAILED, mprotect(mapping + bytes, page, Self.access) == 0 else {
            fatalError("cannot map \(bytes) bytes: errno \(errno)")
        }
        self.count = count
        self.mapping = mapping
        mappedBytes = bytes + page
        pointer = (mapping + bytes).assumingMemoryBound(to: Float.self) - count
    }

    convenience init(_ values: [Float]) {
        self.init(count: values.count)
        pointer.update(from: values, count: values.count)
    }

    deinit { munmap(mapping, mappedBytes) }

    var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    func fill(_ value: Float) { pointer.update(repeating: value, count: count) }
}
