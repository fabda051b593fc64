import Compute
import Glibc

/// A file's bytes, read once into memory of their own: whoever truncates, rewrites or deletes the file later changes
/// nothing here. (A mapped file that is truncated ends the process with a bus error; a server that watches its models
/// must survive a careless `cp`.)
///
/// The memory starts at a page, so that tensors can borrow it: see ``FileBytes/tensor(shape:)``.
///
/// Sendable: the memory is never written after `init`, and discarded only by its one reader.
@safe final class FileContents: @unchecked Sendable {
    /// The largest file that is read unless a caller says less: twice what protocol buffers, and so ONNX, allow.
    static let sizeLimit = 1 << 32

    /// As given; for error messages.
    let path: String
    private let memory: UnsafeRawBufferPointer

    /// Reads the regular file at `path`, of at most `limit` bytes.
    ///
    /// Throws a ``ModelFormatError`` where it cannot be read, is larger, or becomes shorter while it is read.
    ///
    /// - Parameter size: how many bytes it must have, where that is known: checked before it is read.
    convenience init(path: String, limit: Int = sizeLimit, size: Int? = nil) throws(ModelFormatError) {
        let reader = try FileReader(path: path, limit: limit)
        try reader.check(size: size)
        try self.init(reader, range: 0..<reader.count)
    }

    /// Reads a part of a file.
    convenience init(_ reader: FileReader, range: Range<Int>) throws(ModelFormatError) {
        try unsafe self.init(path: reader.path, count: range.count) { buffer throws(ModelFormatError) in
            try unsafe reader.read(into: buffer, from: range.lowerBound)
        }
    }

    /// Whether there is something at `path`.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// A copy of bytes that came otherwise than from a file, called `path` in errors.
    convenience init(path: String, contents: [UInt8]) throws(ModelFormatError) {
        try unsafe self.init(path: path, count: contents.count) { unsafe $0.copyBytes(from: contents) }
    }

    /// `count` bytes, all of them written by `fill`, of a file called `path` in errors.
    init(
        path: String, count: Int, fill: (UnsafeMutableRawBufferPointer) throws(ModelFormatError) -> Void
    ) throws(ModelFormatError) {
        self.path = path
        guard count > 0 else {
            unsafe memory = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let base = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else {
            throw Self.failure(path, "cannot allocate \(count) bytes")
        }
        // From here on `deinit` gives the memory back, also where `fill` throws.
        unsafe memory = UnsafeRawBufferPointer(start: base, count: count)
        // EfficientNet-Lite0's 18.8 MB are read in 2.6 ms with huge pages, 8.8 ms without (2 cores of Zen 5).
        unsafe madvise(base, count, MADV_HUGEPAGE)
        try unsafe fill(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    deinit {
        if let base = unsafe memory.baseAddress {
            unsafe munmap(UnsafeMutableRawPointer(mutating: base), memory.count)
        }
    }

    /// All of it.
    var bytes: FileBytes { FileBytes(file: self, range: 0..<(unsafe memory.count)) }

    /// Calls `body` with the bytes of `range`, which must lie within the file.
    func withBytes<R, E: Error>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= (unsafe memory.count))
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(UnsafeRawBufferPointer(rebasing: memory[range]))
    }

    static func failure(_ path: String, _ action: String) -> ModelFormatError {
        .unreadable(file: path, reason: "\(action): \(unsafe String(cString: strerror(errno)))")
    }
}

extension FileContents: DiscardableMemory {
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
