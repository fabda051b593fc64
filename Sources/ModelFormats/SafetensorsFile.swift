import Compute
import Network

/// Named tensors in a file of the safetensors format
/// (https://huggingface.co/docs/safetensors): a length, a JSON header, then the data without gaps or overlaps.
///
/// Tensors borrow the memory that the file was read to: a large one has memory of its own, which goes when it goes.
public struct SafetensorsFile: TensorSource {
    private let header: FileBytes
    private let data: FileBytes
    /// The whole file's.
    let digest: String
    let byteCount: Int
    let entries: [String: SafetensorsEntry]
    /// Free texts beside the tensors.
    public let metadata: [String: String]

    /// Far more than any model of today needs; checked before the header is copied.
    static let headerLimit = 8 << 20

    /// The extents of each tensor, by name.
    public var shapes: [String: [Int]] { entries.mapValues(\.shape) }

    /// Reads the file at `path` and checks its whole header; throws a ``ModelFormatError`` that names the tensor.
    ///
    /// - Parameter size: how many bytes it must have, where that is known: checked before it is read.
    public init(path: String, size: Int? = nil) throws(ModelFormatError) {
        try self.init(try FileContents(path: path, size: size, payloads: Self.payloads).bytes)
    }

    /// As ``init(path:size:)``, for bytes that are called `name` in errors.
    public init(_ bytes: [UInt8], name: String) throws(ModelFormatError) {
        try self.init(try FileContents(path: name, contents: bytes).bytes)
    }

    /// Checks the whole header; tensors of any known element type may be in the file.
    init(_ file: FileBytes) throws(ModelFormatError) {
        let parsed: SafetensorsHeader
        (header, data, parsed) = try Self.parse(file)
        (entries, metadata, byteCount) = (parsed.entries, parsed.metadata, file.count)
        digest = try file.sha256()
    }

    /// Throws where it is not valid.
    static func checkHeader(of file: FileBytes) throws(ModelFormatError) { _ = try parse(file) }

    /// Where the tensors lie in the file; none where its header is not valid.
    private static func payloads(of file: FileBytes) -> [Range<Int>] {
        guard let (_, data, header) = try? parse(file) else { return [] }
        return header.entries.values.map { data[$0.range].range }
    }

    /// The header's bytes, the data, and the header, checked.
    private static func parse(
        _ file: FileBytes
    ) throws(ModelFormatError) -> (header: FileBytes, data: FileBytes, SafetensorsHeader) {
        guard file.count >= 8 else {
            throw file.malformed("header length", expected: "8 bytes", found: "a file of \(file.count)")
        }
        let length = file.littleEndian(at: 0, as: UInt64.self)
        guard length <= UInt64(headerLimit) else {
            throw file.unsupported("header length", found: "\(length) bytes", supported: "at most \(headerLimit)")
        }
        let dataStart = 8 + Int(length)
        guard dataStart <= file.count else {
            throw file.malformed(
                "header length", expected: "at most the file's \(file.count - 8) remaining bytes", found: "\(length)")
        }
        let (header, data) = (file[8..<dataStart], file[dataStart..<file.count])
        let parsed = try header.decodeJSON(SafetensorsHeader.self)
        try check(parsed.entries, header: header, dataCount: data.count)
        return (header, data, parsed)
    }

    public func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// The tensor called `name`, widened to float32 where it has 16 bits. Throws where it is missing, of another type, or not
    /// of `shape`.
    public func tensor(_ name: String, shape: [Int]) throws(ModelFormatError) -> Tensor {
        let location = "tensor \(name.quoted)"
        guard let entry = entries[name] else {
            throw header.missingTensor(name, shape: shape, among: entries.keys)
        }
        guard entry.shape == shape else {
            throw header.malformed(location, expected: "shape \(shape)", found: "shape \(entry.shape)")
        }
        do {
            switch entry.dtype {
            case "F32": return try data[entry.range].tensor(shape: shape)
            case "F16": return try data[entry.range].tensor(shape: shape) { Float(Float16(bitPattern: $0)) }
            case "BF16":
                return try data[entry.range].tensor(shape: shape) { Float(bitPattern: UInt32($0 as UInt16) << 16) }
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
