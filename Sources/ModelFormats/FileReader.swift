import Glibc

/// A regular file that is open to be read in parts.
final class FileReader: Sendable {
    /// As given; for error messages.
    let path: String
    /// Its bytes when it was opened.
    let count: Int
    private let descriptor: Int32

    /// Throws a ``ModelFormatError`` where there is no such file, or it has more than `limit` bytes.
    init(path: String, limit: Int = FileContents.sizeLimit) throws(ModelFormatError) {
        self.path = path
        // Without O_NONBLOCK, opening a FIFO would wait for a writer.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileContents.failure(path, "cannot open") }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            close(descriptor)
            throw FileContents.failure(path, "cannot stat")
        }
        count = Int(status.st_size)
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadable(file: path, reason: "not a regular file")
        }
        guard count <= limit else {
            close(descriptor)
            throw .unsupported(file: path, location: "file", found: "\(count) bytes", supported: "at most \(limit)")
        }
    }

    /// Throws where the file has not as many bytes as `config.json` says.
    func check(size: Int?) throws(ModelFormatError) {
        guard let size, size != count else { return }
        throw .malformed(
            file: path, location: "file", expected: "\(size) bytes, as config.json says (is it written in full?)",
            found: "\(count)")
    }

    /// Which may lead anywhere.
    static func isSymbolicLink(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    deinit { close(descriptor) }

    /// Fills `buffer` with the bytes from `start` on.
    ///
    /// Throws a ``ModelFormatError`` where they cannot be read, or the file became shorter.
    func read(into buffer: UnsafeMutableRawBufferPointer, from start: Int) throws(ModelFormatError) {
        var filled = 0
        while filled < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            // One call reads 2 GiB at most.
            let read = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(start + filled))
            if read < 0 {
                if errno == EINTR { continue }
                throw FileContents.failure(path, "cannot read")
            }
            guard read > 0 else {
                throw .malformed(
                    file: path, location: "file", expected: "\(count) bytes, its size when it was opened",
                    found: "\(start + filled): it became shorter while it was read")
            }
            filled += read
        }
    }
}
