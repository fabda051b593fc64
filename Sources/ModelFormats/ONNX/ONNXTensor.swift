import Compute

/// ONNX's `TensorProto`: an initializer or a constant. The elements stay in the file until they are asked for.
struct ONNXTensor {
    /// `TensorProto.DataType`
    struct ElementType: RawRepresentable, Equatable, CustomStringConvertible {
        let rawValue: Int64

        static let float = ElementType(rawValue: 1)
        static let uint8 = ElementType(rawValue: 2)
        static let int8 = ElementType(rawValue: 3)
        static let uint16 = ElementType(rawValue: 4)
        static let int16 = ElementType(rawValue: 5)
        static let int32 = ElementType(rawValue: 6)
        static let int64 = ElementType(rawValue: 7)
        static let bool = ElementType(rawValue: 9)
        static let float16 = ElementType(rawValue: 10)
        static let double = ElementType(rawValue: 11)
        static let uint32 = ElementType(rawValue: 12)
        static let uint64 = ElementType(rawValue: 13)
        static let bfloat16 = ElementType(rawValue: 16)

        private static let names = [
            1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string",
            9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128",
            16: "bfloat16",
        ]

        /// Of one element of ``ONNXTensor/numbers()``.
        var byteCount: Int {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16, .float16, .bfloat16: 2
            case .int64, .uint64, .double: 8
            default: 4
            }
        }

        var description: String { Self.names[Int(rawValue)] ?? "element type \(rawValue)" }
    }

    /// More than any operator here takes.
    static let rankLimit = 8
    /// Integer tensors are shapes, axes and pads.
    static let integerLimit = 1 << 16

    private(set) var name = ""
    private(set) var elementType = ElementType(rawValue: 0)
    private var dimensions: [Int64] = []
    private var payload = Payload.none
    private(set) var isExternal = false
    private var externalEntries: [(key: String, value: String)] = []
    private let bytes: FileBytes

    private enum Payload {
        case none
        /// Little-endian elements: `raw_data`, or a packed `float_data`.
        case raw(FileBytes)
        /// A `float_data` that was written number by number.
        case floats([Float])
        case doubles([Double])
        /// `int32_data`, which holds every type of up to 32 bits, `int64_data` or `uint64_data`.
        case integers([Int64])
    }

    init(_ bytes: FileBytes) throws(ModelFormatError) {
        self.bytes = bytes
        var reader = ProtobufReader(bytes, message: "TensorProto")
        while let field = try reader.next() {
            switch field.number {
            case 1: try field.appendIntegers(to: &dimensions, limit: Self.rankLimit)
            case 2: elementType = ElementType(rawValue: try field.integer())
            case 4: try readFloats(field)
            case 5, 7, 11:
                var integers: [Int64] = []
                if case .integers(let earlier) = payload { integers = earlier }
                payload = .none
                // One byte a number at least.
                try field.appendIntegers(to: &integers, limit: bytes.count)
                payload = .integers(integers)
            case 8: name = try field.string()
            case 9: payload = .raw(try field.bytes())
            case 10:
                var doubles: [Double] = []
                if case .doubles(let earlier) = payload { doubles = earlier }
                payload = .none
                try field.appendDoubles(to: &doubles, limit: bytes.count / 8)
                payload = .doubles(doubles)
            case 13: externalEntries.append(try Self.entry(try field.bytes()))
            case 14: isExternal = try field.integer() == 1
            default: break
            }
        }
    }

    private mutating func readFloats(_ field: ProtobufField) throws(ModelFormatError) {
        if case .none = payload, case .bytes(let packed) = field.value {
            payload = .raw(packed)
            return
        }
        var floats: [Float] = []
        if case .floats(let earlier) = payload { floats = earlier }
        payload = .none
        try field.appendFloats(to: &floats, limit: bytes.count / 4)
        payload = .floats(floats)
    }

    /// The same tensor by another name.
    func named(_ name: String) -> ONNXTensor {
        var tensor = self
        tensor.name = name
        return tensor
    }

    /// The extents.
    var shape: [Int] { dimensions.map { Int($0) } }

    /// The same tensor, with the elements that lie in another file where it has such.
    ///
    /// - Parameter external: the file that `external_data` names.
    func resolved(
        external: (String) throws(ModelFormatError) -> FileBytes
    ) throws(ModelFormatError) -> ONNXTensor {
        guard isExternal else { return self }
        var tensor = self
        (tensor.payload, tensor.isExternal) = (.raw(try externalBytes(external)), false)
        return tensor
    }

    /// How many elements shape and data have; throws where they differ.
    func elementCount() throws(ModelFormatError) -> Int {
        guard shape.allSatisfy({ $0 > 0 }), let count = try? Tensor.elementCount(of: shape) else {
            throw malformed(expected: "extents of at least 1", found: "shape \(shape)")
        }
        let found: Int
        switch payload {
        case .raw(let bytes): found = bytes.count / elementType.byteCount
        case .floats(let values): found = values.count
        case .doubles(let values): found = values.count
        case .integers(let values): found = values.count
        case .none: found = 0
        }
        guard found == count else {
            throw mismatch(TensorError.countMismatch(shape: shape, expected: count, found: found))
        }
        return count
    }

    /// Whether ``numbers()`` borrows the file's contents, which float32 at a multiple of 4 allow, and copies nothing.
    var isBorrowed: Bool {
        if case .raw(let bytes) = payload { elementType == .float && bytes.file.lends(bytes.range) } else { false }
    }

    /// The elements as float32, whatever type of number they have. See ``isBorrowed``.
    func numbers() throws(ModelFormatError) -> Tensor {
        _ = try elementCount()
        do throws(TensorError) {
            switch payload {
            case .raw(let bytes) where elementType == .float: return try bytes.tensor(shape: shape)
            case .raw(let bytes): return try converted(bytes)
            case .floats(let values): return try Tensor(shape: shape, values: values)
            case .doubles(let values): return try Tensor(shape: shape, values: values.map { Float($0) })
            case .integers(let values): return try Tensor(shape: shape, values: values.map { number($0) })
            case .none: return try Tensor(shape: shape, values: [])
            }
        } catch {
            throw mismatch(error)
        }
    }

    private func mismatch(_ error: TensorError) -> ModelFormatError {
        malformed(expected: "\(elementType) data of the tensor's shape", found: "\(error)")
    }

    /// `int32_data` holds the bits of 16-bit floats.
    private func number(_ integer: Int64) -> Float {
        switch elementType {
        case .float16: Float(Float16(bitPattern: UInt16(truncatingIfNeeded: integer)))
        case .bfloat16: Float(bitPattern: UInt32(truncatingIfNeeded: integer) << 16)
        case .uint64: Float(UInt64(bitPattern: integer))
        default: Float(integer)
        }
    }

    private func converted(_ raw: FileBytes) throws(TensorError) -> Tensor {
        switch elementType {
        case .uint8: try raw.tensor(shape: shape) { (number: UInt8) in Float(number) }
        case .bool: try raw.tensor(shape: shape) { (number: UInt8) in number == 0 ? 0 : 1 }
        case .int8: try raw.tensor(shape: shape) { (number: Int8) in Float(number) }
        case .uint16: try raw.tensor(shape: shape) { (number: UInt16) in Float(number) }
        case .int16: try raw.tensor(shape: shape) { (number: Int16) in Float(number) }
        case .int32: try raw.tensor(shape: shape) { (number: Int32) in Float(number) }
        case .uint32: try raw.tensor(shape: shape) { (number: UInt32) in Float(number) }
        case .int64: try raw.tensor(shape: shape) { (number: Int64) in Float(number) }
        case .uint64: try raw.tensor(shape: shape) { (number: UInt64) in Float(number) }
        case .float16: try raw.tensor(shape: shape) { Float(Float16(bitPattern: $0)) }
        case .bfloat16: try raw.tensor(shape: shape) { Float(bitPattern: UInt32($0 as UInt16) << 16) }
        case .double: try raw.tensor(shape: shape) { Float(Double(bitPattern: $0)) }
        default: throw .invalidShape(shape)
        }
    }

    /// Whether ``numbers()`` can read elements of this type.
    var isNumeric: Bool {
        (1...7).contains(elementType.rawValue) || (9...13).contains(elementType.rawValue) || elementType == .bfloat16
    }

    /// The elements of an int64 tensor, and its shape.
    func integers() throws(ModelFormatError) -> IntegerTensor {
        guard !isExternal else {
            throw bytes.unsupported(
                "tensor \(name.quoted)", found: "data in another file", supported: "shapes and axes in this one")
        }
        var values: [Int64] = []
        switch payload {
        case .raw(let bytes):
            guard bytes.count % 8 == 0, bytes.count / 8 <= Self.integerLimit else {
                throw malformed(
                    expected: "at most \(Self.integerLimit) integers of 8 bytes", found: "\(bytes.count) bytes")
            }
            for offset in stride(from: 0, to: bytes.count, by: 8) {
                values.append(bytes.littleEndian(at: offset, as: Int64.self))
            }
        case .integers(let integers): values = integers
        case .none: break
        case .floats, .doubles: throw malformed(expected: "int64_data or raw_data", found: "float_data")
        }
        let shape = dimensions.map { Int($0) }
        guard let tensor = IntegerTensor(shape: shape, elements: values.map { .value(Int($0)) }) else {
            throw malformed(expected: "as many elements as its shape \(dimensions) says", found: "\(values.count)")
        }
        return tensor
    }

    /// Where in another file the elements lie. `location` is a file beside the model; `offset` and `length` are optional
    /// (https://onnx.ai/onnx/repo-docs/ExternalData.html).
    func externalPlace() throws(ModelFormatError) -> (location: String, offset: Int, length: Int?) {
        let entries = Dictionary(externalEntries.map { ($0.key, $0.value) }) { first, _ in first }
        guard let location = entries["location"] else {
            throw malformed(expected: "external data with a 'location'", found: "none")
        }
        return (
            location, try number(entries["offset"], "offset") ?? 0, try number(entries["length"], "length")
        )
    }

    private func externalBytes(
        _ open: (String) throws(ModelFormatError) -> FileBytes
    ) throws(ModelFormatError) -> FileBytes {
        let (location, offset, declared) = try externalPlace()
        let file: FileBytes
        do { file = try open(location) } catch { throw error.of("tensor \(name.quoted)", in: bytes.file.path) }
        guard offset <= file.count else {
            throw malformed(
                expected: "an offset of at most \(file.count), the size of \(location.quoted)", found: "\(offset)")
        }
        let length = declared ?? file.count - offset
        guard length <= file.count - offset else {
            throw malformed(
                expected: "\(length) bytes from \(offset) of \(location.quoted) on", found: "\(file.count) bytes in all"
            )
        }
        return file[offset..<offset + length]
    }

    private func number(_ text: String?, _ what: String) throws(ModelFormatError) -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw malformed(expected: "a number as the \(what) of external data", found: text.quoted)
        }
        return number
    }

    /// `StringStringEntryProto`
    private static func entry(_ bytes: FileBytes) throws(ModelFormatError) -> (key: String, value: String) {
        var (key, value) = ("", "")
        var reader = ProtobufReader(bytes, message: "StringStringEntryProto")
        while let field = try reader.next() {
            switch field.number {
            case 1: key = try field.string()
            case 2: value = try field.string()
            default: break
            }
        }
        return (key, value)
    }

    private func malformed(expected: String, found: String) -> ModelFormatError {
        bytes.malformed("tensor \(name.quoted)", expected: expected, found: found)
    }
}
