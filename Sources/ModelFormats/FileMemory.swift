import Compute
import Glibc

/// Memory that begins at a page, filled once: a segment of a file's contents.
///
/// Sendable: the memory is never written after `init`, and discarded only by its one reader.
@safe final class FileMemory: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    /// `count` bytes, at least one, all of them written by `fill`, of a file called `path` in errors.
    init(
        path: String, count: Int, fill: (UnsafeMutableRawBufferPointer) throws(ModelFormatError) -> Void
    ) throws(ModelFormatError) {
        let base = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else {
            throw FileContents.failure(path, "cannot allocate \(count) bytes")
        }
        // From here on `deinit` gives the memory back, also where `fill` throws.
        unsafe bytes = UnsafeRawBufferPointer(start: base, count: count)
        // EfficientNet-Lite0's 18.8 MB are read in 2.6 ms with huge pages, 8.8 ms without (2 cores of Zen 5).
        unsafe madvise(base, count, MADV_HUGEPAGE)
        try unsafe fill(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}

extension FileMemory: DiscardableMemory {
    /// What the only tensor that borrows these bytes does not read again: see `Tensor.allowDiscarding`.
    func discard(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let first = (UInt(bitPattern: start) + page - 1) / page * page
        let end = (UInt(bitPattern: start) + UInt(bytes.count)) / page * page
        if first < end {
            _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_DONTNEED)
        }
    }
}
