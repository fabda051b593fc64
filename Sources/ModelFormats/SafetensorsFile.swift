import Compute
import Network

/// Named tensors in a file of the safetensors format
/// (https://huggingface.co/docs/safetensors): a length, a JSON header, then the data without gaps or overlaps.
///
/// Tensors borrow the memory that the file was read to: a large one has memory of its own, which goes when it goes.
public struct SafetensorsFile: TensorSource {
    private let header: FileBytes
    /// The data, cut between tensors; each with where it begins.
    private let parts: [(begin: Int, bytes: FileBytes)]
    /// The whole file's.
    let digest: String
    let byteCount: Int
    let entries: [String: SafetensorsEntry]
    /// Free texts beside the tensors.
    public let metadata: [String: String]

    /// A tensor of so many bytes is read to memory of its own.
    private static let largeTensor = 1 << 20

    /// Far more than any model of today needs; checked before the header is copied.
    static let headerLimit = 8 << 20

    /// The extents of each tensor, by name.
    public var shapes: [String: [Int]] { entries.mapValues(\.shape) }

    /// Reads the file at `path` and checks its whole header; throws a ``ModelFormatError`` that names the tensor.
    ///
    /// - Parameter size: how many bytes it must have, where that is known: checked before it is read.
    public init(path: String, size: Int? = nil) throws(ModelFormatError) {
        let reader = try FileReader(path: path)
        try reader.check(size: size)
        try self.init(size: reader.count) { range throws(ModelFormatError) in
            try FileContents(reader, range: range).bytes
        }
    }

    /// As ``init(path:size:)``, for bytes that are called `name` in errors.
    public init(_ bytes: [UInt8], name: String) throws(ModelFormatError) {
        try self.init(try FileContents(path: name, contents: bytes).bytes)
    }

    init(_ file: FileBytes) throws(ModelFormatError) {
        try self.init(size: file.count) { file[$0] }
    }

    /// Checks the whole header; tensors of any known element type may be in the file.
    ///
    /// - Parameter read: gives a range of the file; called once for each part of it, from its first to its last byte, so that
    ///   what is hashed is what is used.
    private init(size: Int, read: (Range<Int>) throws(ModelFormatError) -> FileBytes) throws(ModelFormatError) {
        let lengthBytes = try read(0..<min(8, size))
        guard size >= 8 else {
            throw lengthBytes.malformed("header length", expected: "8 bytes", found: "a file of \(size)")
        }
        let length = lengthBytes.littleEndian(at: 0, as: UInt64.self)
        guard length <= UInt64(Self.headerLimit) else {
            throw lengthBytes.unsupported(
                "header length", found: "\(length) bytes", supported: "at most \(Self.headerLimit)")
        }
        let dataStart = 8 + Int(length)
        guard dataStart <= size else {
            throw lengthBytes.malformed(
                "header length", expected: "at most the file's \(size - 8) remaining bytes", found: "\(length)")
        }
        header = try read(8..<dataStart)
        let parsed = try header.decodeJSON(SafetensorsHeader.self)
        (entries, metadata, byteCount) = (parsed.entries, parsed.metadata, size)
        try Self.check(parsed.entries, header: header, dataCount: size - dataStart)
        let hash = SHA256()
        hash.add(lengthBytes)
        hash.add(header)
        var parts: [(begin: Int, bytes: FileBytes)] = []
        for range in Self.cuts(parsed.entries) {
            let bytes = try read(dataStart + range.lowerBound..<dataStart + range.upperBound)
            hash.add(bytes)
            parts.append((range.lowerBound, bytes))
        }
        self.parts = parts
        digest = try hash.digest(of: header.file.path)
    }

    /// The ranges of the data that are read to memory of their own, one after another: a large tensor, or small ones together
    /// until they are as large.
    private static func cuts(_ entries: [String: SafetensorsEntry]) -> [Range<Int>] {
        var (cuts, begin) = ([Range<Int>](), 0)
        var end = 0
        for entry in entries.values.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            if entry.range.count >= largeTensor, end > begin {
                cuts.append(begin..<end)
                begin = end
            }
            end = entry.end
            if end - begin >= largeTensor {
                cuts.append(begin..<end)
                begin = end
            }
        }
        if end > begin || cuts.isEmpty { cuts.append(begin..<end) }
        return cuts
    }

    /// The bytes of a checked entry.
    private func bytes(of entry: SafetensorsEntry) -> FileBytes {
        // The last part that begins at or before it; parts are never empty but for that of a file without data.
        var (low, high) = (0, parts.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if parts[middle].begin <= entry.begin { low = middle } else { high = middle - 1 }
        }
        let part = parts[low]
        return part.bytes[entry.begin - part.begin..<entry.end - part.begin]
    }

    public func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// The tensor called `name`, widened to float32 where it has 16 bits. Throws where it is missing, of another type, or not
    /// of `shape`.
    public func tensor(_ name: String, shape: [Int]) throws(ModelFormatError) -> Tensor {
        let location = "tensor \(name.quoted)"
        guard let entry = entries[name] else {
            throw header.malformed(location, expected: "shape \(shape)", found: "no tensor of that name")
        }
        guard entry.shape == shape else {
            throw header.malformed(location, expected: "shape \(shape)", found: "shape \(entry.shape)")
        }
        do {
            switch entry.dtype {
            case "F32": return try bytes(of: entry).tensor(shape: shape)
            case "F16": return try bytes(of: entry).tensor(shape: shape) { Float(Float16(bitPattern: $0)) }
            case "BF16": return try bytes(of: entry).tensor(shape: shape) { Float(bitPattern: UInt32($0) << 16) }
            default: break
            }
        } catch {
            throw header.malformed(location, expected: "\(entry.dtype) data of its shape", found: "\(error)")
        }
        throw header.unsupported(location, found: "element type \(entry.dtype.quoted)", supported: Self.weightTypes)
    }

    private static let weightTypes = "F32, F16, BF16"

    /// Every tensor's bytes are as many as its shape and type say, and together they are the data, end to end.
    private static func check(
        _ entries: [String: SafetensorsEntry], header: FileBytes, dataCount: Int
    ) throws(ModelFormatError) {
        var end = 0
        for (name, entry) in entries.sorted(by: { ($0.value.begin, $0.value.end) < ($1.value.begin, $1.value.end) }) {
            let location = "tensor \(name.quoted)"
            guard let size = SafetensorsEntry.elementSizes[entry.dtype] else {
                throw header.unsupported(
                    location, found: "element type \(entry.dtype.quoted)",
                    supported: "\(weightTypes) for weights; beside them "
                        + SafetensorsEntry.elementSizes.keys.sorted().joined(separator: ", "))
            }
            guard entry.begin == end, entry.end >= entry.begin, entry.end <= dataCount else {
                throw header.malformed(
                    location, expected: "data that begins at \(end) and ends by \(dataCount)",
                    found: "data_offsets [\(entry.begin), \(entry.end)]")
            }
            guard let count = try? Tensor.elementCount(of: entry.shape),
                count.multipliedReportingOverflow(by: size) == (entry.end - entry.begin, false)
            else {
                throw header.malformed(
                    location, expected: "\(entry.end - entry.begin) bytes, as data_offsets say",
                    found: "shape \(entry.shape.prefix(16)) of \(entry.dtype)")
            }
            end = entry.end
        }
        guard end == dataCount else {
            throw header.malformed(
                "data", expected: "\(end) bytes, where the last tensor ends", found: "\(dataCount)")
        }
    }
}
