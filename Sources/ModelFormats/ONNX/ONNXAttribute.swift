/// ONNX's `AttributeProto`: a named parameter of a node.
struct ONNXAttribute {
    enum Value {
        case float(Float)
        case integer(Int64)
        case string(String)
        case tensor(ONNXTensor)
        case floats([Float])
        case integers([Int64])
        /// Graphs, sparse tensors, lists of strings or tensors: no operator here has any.
        case other
    }

    private(set) var name = ""
    private(set) var value = Value.other

    private static let listLimit = 1 << 16

    init(_ bytes: FileBytes) throws(ModelFormatError) {
        var type: Int64 = 0
        var (float, integer, string) = (Float(0), Int64(0), "")
        var tensor: ONNXTensor?
        var floats: [Float] = []
        var integers: [Int64] = []
        var reader = ProtobufReader(bytes, message: "AttributeProto")
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try field.string()
            case 2: float = try field.float()
            case 3: integer = try field.integer()
            case 4: string = try field.string()
            case 5: tensor = try ONNXTensor(try field.bytes())
            case 7: try field.appendFloats(to: &floats, limit: Self.listLimit)
            case 8: try field.appendIntegers(to: &integers, limit: Self.listLimit)
            case 20: type = try field.integer()
            default: break
            }
        }
        // `AttributeType`, which says which of the fields holds the value.
        switch type {
        case 1: value = .float(float)
        case 2: value = .integer(integer)
        case 3: value = .string(string)
        case 4:
            guard let tensor else {
                throw bytes.malformed("attribute \(name.quoted)", expected: "a tensor", found: "none")
            }
            value = .tensor(tensor)
        case 6: value = .floats(floats)
        case 7: value = .integers(integers)
        default: value = .other
        }
    }
}

extension ONNXAttribute.Value {
    /// What it is, for errors.
    var kind: String {
        switch self {
        case .float: "a float"
        case .integer: "an integer"
        case .string: "text"
        case .tensor: "a tensor"
        case .floats: "floats"
        case .integers: "integers"
        case .other: "a graph, a sparse tensor, a type or a list"
        }
    }
}
