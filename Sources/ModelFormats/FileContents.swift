import Glibc

/// A file's bytes, read once into memory of their own: whoever truncates, rewrites or deletes the file later changes
/// nothing here. (A mapped file that is truncated ends the process with a bus error; a server that watches its models
/// must survive a careless `cp`.)
///
/// The memory comes in segments, one behind the other without gaps. A large tensor has one of its own, which begins at a
/// page, so that the tensor can borrow it wherever it lies in the file (see ``FileBytes/tensor(shape:)``), and which
/// goes when the tensor goes. Where the segments are cut makes no difference to what is read.
final class FileContents: Sendable {
    /// The largest file that is read unless a caller says less: twice what protocol buffers, and so ONNX, allow.
    static let sizeLimit = 1 << 32
    /// In bytes: a payload as large gets a segment of its own, smaller ones share segments that are as large. With 1 MB instead,
    /// ResNet-152 takes 10 MB more to load, and no less time.
    static let segmentSize = 1 << 18

    /// As given; for error messages.
    let path: String
    let count: Int
    private let storage: Storage

    private enum Storage {
        /// In the order of the file.
        case segments([Segment])
        case unread(FileBlocks)
    }

    private struct Segment {
        /// In the file.
        let begin: Int
        let memory: FileMemory

        var end: Int { begin + (unsafe memory.bytes.count) }
    }

    /// Reads the regular file at `path`, of at most `limit` bytes.
    ///
    /// Throws a ``ModelFormatError`` where it cannot be read, is larger, or becomes shorter while it is read.
    ///
    /// - Parameters:
    ///   - size: how many bytes it must have, where that is known: checked before it is read.
    ///   - payloads: where the file's tensors lie, told from a first look at it. A hint: whatever it says is harmless.
    convenience init(
        path: String, limit: Int = sizeLimit, size: Int? = nil, payloads: (FileBytes) -> [Range<Int>] = { _ in [] }
    ) throws(ModelFormatError) {
        let reader = try FileReader(path: path, limit: limit)
        try reader.check(size: size)
        let isSmall = reader.count < Self.segmentSize
        try self.init(reader, cuts: isSmall ? [] : payloads(FileContents(unread: reader).bytes))
    }

    /// Reads a whole file.
    private convenience init(_ reader: FileReader, cuts payloads: [Range<Int>]) throws(ModelFormatError) {
        var segments: [Segment] = []
        for range in Self.segments(payloads, of: reader.count) {
            let memory = try unsafe FileMemory(path: reader.path, count: range.count) {
                buffer throws(ModelFormatError) in
                try unsafe reader.read(into: buffer, from: range.lowerBound)
            }
            segments.append(Segment(begin: range.lowerBound, memory: memory))
        }
        self.init(path: reader.path, count: reader.count, .segments(segments))
    }

    /// A file that has yet to be read: each access reads what it needs. See ``FileBlocks``.
    convenience init(unread reader: FileReader) {
        self.init(path: reader.path, count: reader.count, .unread(FileBlocks(reader)))
    }

    /// A copy of bytes that came otherwise than from a file, called `path` in errors.
    convenience init(path: String, contents: [UInt8]) throws(ModelFormatError) {
        guard !contents.isEmpty else {
            self.init(path: path, count: 0, .segments([]))
            return
        }
        let memory = try unsafe FileMemory(path: path, count: contents.count) { unsafe $0.copyBytes(from: contents) }
        self.init(path: path, count: contents.count, .segments([Segment(begin: 0, memory: memory)]))
    }

    private init(path: String, count: Int, _ storage: Storage) {
        (self.path, self.count, self.storage) = (path, count, storage)
    }

    /// Whether there is something at `path`.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    static func failure(_ path: String, _ action: String) -> ModelFormatError {
        .unreadable(file: path, reason: "\(action): \(unsafe String(cString: strerror(errno)))")
    }
}

// MARK: - Segments

extension FileContents {
    /// How a file of `count` bytes is cut, in order and without gaps: before and behind each large payload, and behind small
    /// ones that make a segment together. No payload is cut: it would be copied whenever it is read.
    static func segments(_ payloads: [Range<Int>], of count: Int) -> [Range<Int>] {
        var (segments, begin) = ([Range<Int>](), 0)
        func cut(at position: Int) {
            guard position > begin else { return }
            segments.append(begin..<position)
            begin = position
        }
        // Payloads of a damaged file may lie anywhere.
        for payload in merged(payloads.map({ $0.clamped(to: 0..<count) })) {
            if payload.count >= segmentSize { cut(at: payload.lowerBound) }
            if payload.upperBound - begin >= segmentSize { cut(at: payload.upperBound) }
        }
        cut(at: count)
        return segments
    }

    /// In order; those that overlap are one.
    private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            if let last = merged.last, range.lowerBound < last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// All of it.
    var bytes: FileBytes { FileBytes(file: self, range: 0..<count) }

    /// Calls `body` with the bytes of `range`, which must lie within the file.
    func withBytes<R, E: Error>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try unsafe withBytesAndOwner(range) { bytes, _ throws(E) in try unsafe body(bytes) }
    }

    /// As ``withBytes(_:_:)``, with what keeps the bytes alive after the call: `nil` where they lie in several segments, and
    /// `body` is given a copy.
    func withBytesAndOwner<R, E: Error>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer, FileMemory?) throws(E) -> R
    ) throws(E) -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        guard !range.isEmpty else { return try unsafe body(UnsafeRawBufferPointer(start: nil, count: 0), nil) }
        if let segment = segment(of: range) {
            defer { withExtendedLifetime(segment.memory) {} }
            let part = range.lowerBound - segment.begin..<range.upperBound - segment.begin
            return try unsafe body(UnsafeRawBufferPointer(rebasing: segment.memory.bytes[part]), segment.memory)
        }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: range.count, alignment: 16)
        defer { unsafe copy.deallocate() }
        switch storage {
        case .unread(let blocks): unsafe blocks.copy(range, to: copy)
        case .segments:
            for part in parts(of: range) {
                unsafe withBytes(part) { bytes in
                    let offset = part.lowerBound - range.lowerBound
                    unsafe UnsafeMutableRawBufferPointer(rebasing: copy[offset...]).copyMemory(from: bytes)
                }
            }
        }
        return try unsafe body(UnsafeRawBufferPointer(copy), nil)
    }

    /// Whether a tensor can borrow the bytes of `range`, which must lie within the file: they lie in one segment, from a
    /// multiple of 4 on.
    func lends(_ range: Range<Int>) -> Bool {
        guard !range.isEmpty, let segment = segment(of: range) else { return false }
        return (range.lowerBound - segment.begin).isMultiple(of: MemoryLayout<Float>.alignment)
    }

    /// The segment that all of `range` lies in, which must not be empty; `nil` where it is more than one.
    private func segment(of range: Range<Int>) -> Segment? {
        guard case .segments(let segments) = storage else { return nil }
        let segment = segments[index(of: range.lowerBound, in: segments)]
        return range.upperBound <= segment.end ? segment : nil
    }

    /// `range`, which must lie within the file, cut where its segments are.
    func parts(of range: Range<Int>) -> [Range<Int>] {
        guard case .segments(let segments) = storage, !range.isEmpty else { return [range] }
        var (parts, begin) = ([Range<Int>](), range.lowerBound)
        for segment in segments[index(of: begin, in: segments)...].prefix(while: { $0.begin < range.upperBound }) {
            let end = min(range.upperBound, segment.end)
            parts.append(begin..<end)
            begin = end
        }
        return parts
    }

    /// The segment with the byte at `position`.
    private func index(of position: Int, in segments: [Segment]) -> Int {
        var (low, high) = (0, segments.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if segments[middle].begin <= position { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
