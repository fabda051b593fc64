/// ONNX's `ValueInfoProto` of a tensor: the name, element type and shape that the file declares.
struct ONNXValueInfo {
    enum Dimension: Equatable {
        case known(Int64)
        /// A name such as `n`, or nothing at all.
        case unknown(String)
    }

    private(set) var name = ""
    /// `nil` where the value is not a tensor or its type is not given.
    private(set) var elementType: ONNXTensor.ElementType?
    /// `nil` where the file does not say.
    private(set) var shape: [Dimension]?

    init(_ bytes: FileBytes) throws(ModelFormatError) {
        var reader = ProtobufReader(bytes, message: "ValueInfoProto")
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try field.string()
            case 2: try readType(try field.bytes())
            default: break
            }
        }
    }

    /// `TypeProto`, of which only `tensor_type` matters.
    private mutating func readType(_ bytes: FileBytes) throws(ModelFormatError) {
        var reader = ProtobufReader(bytes, message: "TypeProto")
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            var reader = ProtobufReader(try field.bytes(), message: "TypeProto.Tensor")
            while let field = try reader.next() {
                switch field.number {
                case 1: elementType = ONNXTensor.ElementType(rawValue: try field.integer())
                case 2: shape = try Self.shape(try field.bytes())
                default: break
                }
            }
        }
    }

    /// `TensorShapeProto`
    private static func shape(_ bytes: FileBytes) throws(ModelFormatError) -> [Dimension] {
        var shape: [Dimension] = []
        var reader = ProtobufReader(bytes, message: "TensorShapeProto")
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            var dimension = Dimension.unknown("")
            var reader = ProtobufReader(try field.bytes(), message: "TensorShapeProto.Dimension")
            while let field = try reader.next() {
                switch field.number {
                case 1: dimension = .known(try field.integer())
                case 2: dimension = .unknown(try field.string())
                default: break
                }
            }
            shape.append(dimension)
            guard shape.count <= ONNXTensor.rankLimit else {
                throw bytes.unsupported(
                    "TensorShapeProto", found: "more than \(ONNXTensor.rankLimit) dimensions", supported: "fewer")
            }
        }
        return shape
    }
}

extension ONNXValueInfo.Dimension: CustomStringConvertible {
    var description: String {
        switch self {
        case .known(let extent): "\(extent)"
        case .unknown(let name): name.isEmpty ? "?" : name.quoted
        }
    }
}
