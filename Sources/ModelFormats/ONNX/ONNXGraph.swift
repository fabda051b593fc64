/// ONNX's `GraphProto`.
struct ONNXGraph {
    private(set) var nodes: [ONNXNode] = []
    var initializers: [ONNXTensor] = []
    private(set) var inputs: [ONNXValueInfo] = []
    var outputs: [ONNXValueInfo] = []
    /// For errors.
    let bytes: FileBytes

    /// The deepest networks have a few thousand; a hostile file could ask for one every two bytes.
    private static let entryLimit = 1 << 17

    init(_ bytes: FileBytes) throws(ModelFormatError) {
        self.bytes = bytes
        var reader = ProtobufReader(bytes, message: "GraphProto")
        while let field = try reader.next() {
            switch field.number {
            case 1: nodes.append(try ONNXNode(try field.bytes(), index: nodes.count))
            case 5: initializers.append(try ONNXTensor(try field.bytes()))
            case 11: inputs.append(try ONNXValueInfo(try field.bytes()))
            case 12: outputs.append(try ONNXValueInfo(try field.bytes()))
            case 15:
                throw bytes.unsupported(
                    "GraphProto", found: "a sparse initializer", supported: "dense initializers")
            default: break
            }
            guard nodes.count + initializers.count + inputs.count + outputs.count <= Self.entryLimit else {
                throw bytes.unsupported(
                    "GraphProto", found: "more than \(Self.entryLimit) nodes, initializers, inputs and outputs",
                    supported: "fewer")
            }
        }
    }
}
