import Compute

/// ONNX's `TensorProto`: an initializer or a constant. The elements stay in the file until they are asked for.
struct ONNXTensor {
    /// `TensorProto.DataType`
    struct ElementType: RawRepresentable, Equatable, CustomStringConvertible {
        let rawValue: Int64

        static let float = ElementType(rawValue: 1)
        static let int64 = ElementType(rawValue: 7)

        private static let names = [
            1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string",
            9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128",
            16: "bfloat16",
        ]

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
    private var isExternal = false
    private let bytes: FileBytes

    private enum Payload {
        case none
        /// Little-endian elements: `raw_data`, or a packed `float_data`.
        case raw(FileBytes)
        /// A `float_data` that was written number by number.
        case floats([Float])
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
            case 7:
                var integers: [Int64] = []
                if case .integers(let earlier) = payload { integers = earlier }
                payload = .none
                try field.appendIntegers(to: &integers, limit: Self.integerLimit)
                payload = .integers(integers)
            case 8: name = try field.string()
            case 9: payload = .raw(try field.bytes())
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

    /// The elements of a float32 tensor, borrowed from the file's contents where alignment allows.
    func floats() throws(ModelFormatError) -> Tensor {
        try require(.float)
        let shape = dimensions.map { Int($0) }
        guard shape.allSatisfy({ $0 > 0 }) else {
            throw malformed(expected: "extents of at least 1", found: "shape \(shape)")
        }
        do throws(TensorError) {
            switch payload {
            case .raw(let bytes): return try bytes.tensor(shape: shape)
            case .floats(let values): return try Tensor(shape: shape, values: values)
            case .none, .integers: return try Tensor(shape: shape, values: [])
            }
        } catch {
            throw malformed(expected: "float32 data of the tensor's shape", found: "\(error)")
        }
    }

    /// The elements of an int64 tensor, and its shape.
    func integers() throws(ModelFormatError) -> IntegerTensor {
        try require(.int64)
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
        case .floats: throw malformed(expected: "int64_data or raw_data", found: "float_data")
        }
        let shape = dimensions.map { Int($0) }
        guard let tensor = IntegerTensor(shape: shape, elements: values.map { .value(Int($0)) }) else {
            throw malformed(expected: "as many elements as its shape \(dimensions) says", found: "\(values.count)")
        }
        return tensor
    }

    private func require(_ type: ElementType) throws(ModelFormatError) {
        guard !isExternal else {
            throw bytes.unsupported(
                "tensor \(name.quoted)", found: "data in another file",
                supported: "data inside the .onnx file (save it with save_as_external_data=False)")
        }
        guard elementType == type else {
            throw bytes.unsupported("tensor \(name.quoted)", found: "\(elementType)", supported: "\(type) here")
        }
    }

    private func malformed(expected: String, found: String) -> ModelFormatError {
        bytes.malformed("tensor \(name.quoted)", expected: expected, found: found)
    }
}
