import Compute
import Network

/// Named tensors in a file of the safetensors format
/// (https://huggingface.co/docs/safetensors): a length, a JSON header, then the data without gaps or overlaps.
///
/// Tensors borrow the memory that the file was read to.
public struct SafetensorsFile: TensorSource {
    private let header: FileBytes
    private let data: FileBytes
    let entries: [String: SafetensorsEntry]
    /// Free texts beside the tensors.
    public let metadata: [String: String]

    /// Far more than any model of today needs; checked before the header is copied.
    static let headerLimit = 8 << 20

    /// The extents of each tensor, by name.
    public var shapes: [String: [Int]] { entries.mapValues(\.shape) }

    /// Reads the file at `path` and checks its whole header; throws a ``ModelFormatError`` that names the tensor.
    public init(path: String) throws(ModelFormatError) { try self.init(try FileContents(path: path).bytes) }

    /// As ``init(path:)``, for bytes that are called `name` in errors.
    public init(_ bytes: [UInt8], name: String) throws(ModelFormatError) {
        try self.init(try FileContents(path: name, contents: bytes).bytes)
    }

    /// Checks the whole header; tensors of any known element type may be in the file.
    init(_ file: FileBytes) throws(ModelFormatError) {
        guard file.count >= 8 else {
            throw file.malformed("header length", expected: "8 bytes", found: "a file of \(file.count)")
        }
        let length = file.littleEndian(at: 0, as: UInt64.self)
        guard length <= UInt64(Self.headerLimit) else {
            throw file.unsupported("header length", found: "\(length) bytes", supported: "at most \(Self.headerLimit)")
        }
        guard Int(length) <= file.count - 8 else {
            throw file.malformed(
                "header length", expected: "at most the file's \(file.count - 8) remaining bytes", found: "\(length)")
        }
        header = file[8..<8 + Int(length)]
        data = file[8 + Int(length)..<file.count]
        let parsed = try header.decodeJSON(SafetensorsHeader.self)
        (entries, metadata) = (parsed.entries, parsed.metadata)
        try checkEntries()
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
            case "F32": return try data[entry.range].tensor(shape: shape)
            case "F16": return try data[entry.range].tensor(shape: shape) { Float(Float16(bitPattern: $0)) }
            case "BF16": return try data[entry.range].tensor(shape: shape) { Float(bitPattern: UInt32($0) << 16) }
            default: break
            }
        } catch {
            throw header.malformed(location, expected: "\(entry.dtype) data of its shape", found: "\(error)")
        }
        throw header.unsupported(location, found: "element type \(entry.dtype.quoted)", supported: "F32, F16, BF16")
    }

    /// Every tensor's bytes are as many as its shape and type say, and together they are the data, end to end.
    private func checkEntries() throws(ModelFormatError) {
        var end = 0
        for (name, entry) in entries.sorted(by: { ($0.value.begin, $0.value.end) < ($1.value.begin, $1.value.end) }) {
            let location = "tensor \(name.quoted)"
            guard let size = SafetensorsEntry.elementSizes[entry.dtype] else {
                throw header.unsupported(
                    location, found: "element type \(entry.dtype.quoted)",
                    supported: SafetensorsEntry.elementSizes.keys.sorted().joined(separator: ", "))
            }
            guard entry.begin == end, entry.end >= entry.begin, entry.end <= data.count else {
                throw header.malformed(
                    location, expected: "data that begins at \(end) and ends by \(data.count)",
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
        guard end == data.count else {
            throw header.malformed(
                "data", expected: "\(end) bytes, where the last tensor ends", found: "\(data.count)")
        }
    }
}
