import Glibc

/// A file's bytes, mapped read-only, so that weights are read from the page cache without a copy.
///
/// Replace a model's file by renaming a new one over it: a file that shrinks while it is mapped ends the process
/// with a bus error, as with every mapped file.
///
/// Sendable: the memory is never written after `init`.
@safe final class MappedFile: @unchecked Sendable {
    /// As given; for error messages.
    let path: String
    private let memory: UnsafeRawBufferPointer

    /// Maps the regular file at `path`.
    init(path: String) throws(ModelFormatError) {
        // Without O_NONBLOCK, opening a FIFO would wait for a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot open") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Self.failure(path, "cannot stat") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, reason: "not a regular file")
        }
        self.path = path
        let count = Int(status.st_size)
        guard count > 0 else {
            unsafe memory = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let base = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard unsafe base != MAP_FAILED else { throw Self.failure(path, "cannot map \(count) bytes") }
        unsafe memory = UnsafeRawBufferPointer(start: base, count: count)
    }

    /// The bytes of a file that came from elsewhere than a disk (a request's body, a test), called `path` in errors.
    init(path: String, contents: [UInt8]) throws(ModelFormatError) {
        self.path = path
        guard !contents.isEmpty else {
            unsafe memory = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let base = unsafe mmap(
            nil, contents.count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard unsafe base != MAP_FAILED else { throw Self.failure(path, "cannot allocate \(contents.count) bytes") }
        unsafe UnsafeMutableRawBufferPointer(start: base, count: contents.count).copyBytes(from: contents)
        unsafe memory = UnsafeRawBufferPointer(start: base, count: contents.count)
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

    private static func failure(_ path: String, _ action: String) -> ModelFormatError {
        .unreadable(file: path, reason: "\(action): \(unsafe String(cString: strerror(errno)))")
    }
}
