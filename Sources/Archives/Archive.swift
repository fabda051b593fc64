import CArchive

/// A zip or tar archive (the tar also gzipped, once) in memory, whose files are read one after another, within limits: what
/// it says of its own sizes is not believed.
public struct Archive: Sendable {
    /// How much may come out.
    public struct Limits: Sendable {
        public var entries = 100_000
        /// Bytes of one file.
        public var fileBytes = 64 << 20
        /// Bytes of all that comes out: of files, of entries that are passed over, of paths and of a gzipped tar's headers. It bounds the
        /// time that hostile bytes can take.
        public var totalBytes = 4 << 30

        public init() {}
    }

    /// A file of the archive.
    public struct File: Sendable {
        /// The parts of its path, the last one being its name.
        public let path: [String]
        public let bytes: [UInt8]
    }

    private let bytes: [UInt8]
    private let limits: Limits

    public init(_ bytes: [UInt8], limits: Limits = Limits()) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Whether the bytes begin as a zip, a gzip or a tar archive does.
    ///
    /// Sources: APPNOTE.TXT 4.3.7 and 4.3.16, RFC 1952 section 2.3.1, POSIX.1-2001 ustar.
    public static func isArchive(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
        if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) { return true }
        return bytes.starts(with: [0x1F, 0x8B]) || bytes.dropFirst(257).starts(with: Array("ustar".utf8))
    }

    /// Calls `body` with each file, in the archive's order. Folders, links and devices are passed over, and what desktops
    /// leave in archives: hidden files and folders (`.DS_Store`), `__MACOSX`.
    ///
    /// - Parameter check: called before each block of 64 KiB; by throwing it ends the reading.
    /// - Throws: ``ArchiveError``, or what `check` or `body` throws.
    public func forEachFile(check: () throws -> Void = {}, _ body: (File) throws -> Void) throws {
        try unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { throw ArchiveError.unreadable(reason: "it is empty") }
            guard let archive = unsafe carchive_open(start, source.count, Int64(limits.totalBytes)) else {
                throw ArchiveError.unreadable(reason: "there is no memory for it")
            }
            defer { unsafe carchive_close(archive) }
            var (entries, total) = (0, 0)
            while true {
                try check()
                let status = unsafe carchive_next(archive)
                if status == 0 { return }
                guard status > 0 else { throw unsafe failure(of: archive) }
                entries += 1
                guard entries <= limits.entries else { throw ArchiveError.tooManyEntries(limit: limits.entries) }
                var length = 0
                _ = unsafe carchive_path(archive, &length)
                try add(length, to: &total)
                var path: [String]?
                if unsafe carchive_kind(archive) == carchive_file {
                    let parts = try unsafe Self.path(of: archive)
                    if !parts.contains(where: { $0.hasPrefix(".") || $0 == "__MACOSX" }) { path = parts }
                }
                guard let path else {
                    // Read all the same: libarchive would inflate it to pass over it, as long as it is.
                    try unsafe read(archive, check) { _, count in try add(count, to: &total) }
                    continue
                }
                let text = path.joined(separator: "/")
                guard unsafe carchive_is_encrypted(archive) == 0 else { throw ArchiveError.encrypted(path: text) }
                var contents: [UInt8] = []
                try unsafe read(archive, check) { buffer, count in
                    guard contents.count + count <= limits.fileBytes else {
                        throw ArchiveError.fileTooLarge(path: text, limit: limits.fileBytes)
                    }
                    try add(count, to: &total)
                    contents += buffer[..<count]
                }
                try body(File(path: path, bytes: contents))
            }
        }
    }

    private func add(_ count: Int, to total: inout Int) throws(ArchiveError) {
        total += count
        guard total <= limits.totalBytes else { throw .tooLarge(limit: limits.totalBytes) }
    }

    /// Calls `body` with one block of the entry after another: the first `count` bytes of a buffer.
    private func read(
        _ archive: OpaquePointer, _ check: () throws -> Void, _ body: (_ buffer: [UInt8], _ count: Int) throws -> Void
    ) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            try check()
            let count = unsafe buffer.withUnsafeMutableBytes { buffer -> Int in
                guard let start = buffer.baseAddress else { return 0 }
                return unsafe carchive_read(archive, start, buffer.count)
            }
            if count == 0 { return }
            guard count > 0 else { throw unsafe failure(of: archive) }
            try body(buffer, count)
        }
    }

    private static func path(of archive: OpaquePointer) throws(ArchiveError) -> [String] {
        var length = 0
        guard let start = unsafe carchive_path(archive, &length) else { throw .badPath("") }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
        guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
            throw .badPath(unsafe String(decoding: bytes, as: UTF8.self))
        }
        // Windows' tools have written both.
        let separators: Set<Character> = ["/", "\\"]
        let parts = text.split { separators.contains($0) }.map(String.init).filter { $0 != "." }
        let isAbsolute = text.first.map(separators.contains) ?? true
        guard !isAbsolute, !parts.isEmpty, !parts.contains(".."), !text.contains("\0") else { throw .badPath(text) }
        return parts
    }

    private func failure(of archive: OpaquePointer) -> ArchiveError {
        unsafe carchive_is_too_large(archive) != 0
            ? .tooLarge(limit: limits.totalBytes)
            : .unreadable(reason: unsafe String(cString: carchive_error(archive)))
    }
}
