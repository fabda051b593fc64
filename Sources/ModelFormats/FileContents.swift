import Glibc

/// A file's bytes, read once into memory of their own: whoever truncates, rewrites or deletes the file later changes
/// nothing here. (A mapped file that is truncated ends the process with a bus error; a server that watches its models
/// must survive a careless `cp`.)
///
/// The memory starts at a page, so that tensors can borrow it: see ``FileBytes/tensor(shape:)``.
///
/// Sendable: the memory is never written after `init`.
@safe final class FileContents: @unchecked Sendable {
    /// The largest file that is read unless a caller says less: twice what protocol buffers, and so ONNX, allow.
    static let sizeLimit = 1 << 32

    /// As given; for error messages.
    let path: String
    private let memory: UnsafeRawBufferPointer

    /// Reads the regular file at `path`, of at most `limit` bytes.
    ///
    /// Throws a ``ModelFormatError`` where it cannot be read, is larger, or becomes shorter while it is read.
    convenience init(path: String, limit: Int = sizeLimit) throws(ModelFormatError) {
        // Without O_NONBLOCK, opening a FIFO would wait for a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot open") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Self.failure(path, "cannot stat") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, reason: "not a regular file")
        }
        let count = Int(status.st_size)
        guard count <= limit else {
            throw .unsupported(file: path, location: "file", found: "\(count) bytes", supported: "at most \(limit)")
        }
        try unsafe self.init(path: path, count: count) { buffer throws(ModelFormatError) in
            try unsafe Self.read(descriptor, into: buffer, path: path)
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

    private static func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, path: String
    ) throws(ModelFormatError) {
        var count = 0
        while count < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            // One call reads 2 GiB at most.
            let read = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(count))
            if read < 0 {
                if errno == EINTR { continue }
                throw failure(path, "cannot read")
            }
            guard read > 0 else {
                throw .malformed(
                    file: path, location: "file", expected: "\(buffer.count) bytes, its size when it was opened",
                    found: "\(count): it became shorter while it was read")
            }
            count += read
        }
    }

    private static func failure(_ path: String, _ action: String) -> ModelFormatError {
        .unreadable(file: path, reason: "\(action): \(unsafe String(cString: strerror(errno)))")
    }
}
