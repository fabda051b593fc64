import Compute

/// A float32 array in NumPy's `.npy` format, versions 1 to 3
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), little-endian and in C order.
public struct NumPyArray: Sendable, Equatable {
    /// The extents, outermost first; `[]` is a scalar.
    public let shape: [Int]
    /// The elements, row-major.
    public let values: [Float]

    /// `nil` where `values` are not as many as `shape` says.
    public init?(shape: [Int], values: [Float]) {
        guard (try? Tensor.elementCount(of: shape)) == values.count else { return nil }
        self.shape = shape
        self.values = values
    }

    /// Reads the file at `path`. Throws a ``ModelFormatError`` where it is not such a file.
    public init(path: String) throws(ModelFormatError) { try self.init(try FileContents(path: path).bytes) }

    /// As ``init(path:)``, for bytes that are called `name` in errors.
    public init(_ bytes: [UInt8], name: String) throws(ModelFormatError) {
        try self.init(try FileContents(path: name, contents: bytes).bytes)
    }

    init(_ file: FileBytes) throws(ModelFormatError) {
        let (header, data) = try Self.split(file)
        shape = try NumPyHeader(parsing: header).shape
        do {
            values = try data.tensor(shape: shape).values
        } catch {
            throw file.malformed("data", expected: "4 bytes an element", found: "\(data.count) bytes: \(error)")
        }
    }

    /// The bytes of a file of version 1.0, as NumPy writes it.
    public func serialized() -> [UInt8] {
        let header = NumPyHeader(shape: shape).serialized
        var bytes = Self.magic + [1, 0, UInt8(truncatingIfNeeded: header.count), UInt8(header.count >> 8)] + header
        bytes.reserveCapacity(bytes.count + 4 * values.count)
        unsafe values.withUnsafeBufferPointer { unsafe bytes.append(littleEndian: $0) }
        return bytes
    }

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Magic, version, header length (2 bytes in version 1, 4 since), header, data.
    private static func split(_ file: FileBytes) throws(ModelFormatError) -> (header: FileBytes, data: FileBytes) {
        guard file.count >= 10, file[0..<6].copy == magic else {
            throw file.malformed("magic", expected: "\\x93NUMPY and a version", found: "other bytes")
        }
        let (major, minor) = (file[6], file[7])
        guard (1...3).contains(major), minor == 0 else {
            throw file.unsupported("version", found: "\(major).\(minor)", supported: "1.0, 2.0, 3.0")
        }
        let start = major == 1 ? 10 : 12
        guard file.count >= start else {
            throw file.malformed("header length", expected: "4 bytes", found: "the end of the file")
        }
        let length =
            major == 1
            ? Int(file.littleEndian(at: 8, as: UInt16.self)) : Int(file.littleEndian(at: 8, as: UInt32.self))
        guard length <= file.count - start, length <= 65535 else {
            throw file.malformed(
                "header length", expected: "at most \(min(65535, file.count - start))", found: "\(length)")
        }
        return (file[start..<start + length], file[start + length..<file.count])
    }
}
