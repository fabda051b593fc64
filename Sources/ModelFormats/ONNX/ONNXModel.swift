/// ONNX's `ModelProto`: the parts that running an image network needs. Field numbers: onnx/onnx.proto (ONNX 1.19).
struct ONNXModel {
    /// The version of the default operator set.
    var operatorSet: Int64
    var graph: ONNXGraph
    /// The JSON of a ``ModelMetadata``, where ``ONNXWriter`` left one.
    let metadata: FileBytes?
    /// Where tensors lie that are not in the file.
    let externalFiles: ONNXExternalFiles

    /// - Parameter oldest: the oldest operator set that is read.
    init(_ bytes: FileBytes, oldest: Int64 = 7) throws(ModelFormatError) {
        var operatorSet: Int64?
        var (graph, metadata) = (FileBytes?.none, FileBytes?.none)
        var reader = ProtobufReader(bytes, message: "ModelProto")
        while let field = try reader.next() {
            switch field.number {
            case 7:
                guard graph == nil else {
                    throw bytes.malformed("ModelProto", expected: "one graph", found: "a second one")
                }
                graph = try field.bytes()
            case 8:
                let (domain, version) = try Self.operatorSet(try field.bytes())
                if ONNXNode.isDefault(domain: domain) { operatorSet = version }
            case 14:
                let (key, value) = try Self.property(try field.bytes())
                if key == ONNXWriter.metadataName { metadata = value }
            default: break
            }
        }
        guard let graph else {
            throw bytes.malformed("ModelProto", expected: "a graph: is this an ONNX file?", found: "none")
        }
        guard let operatorSet else {
            throw bytes.malformed("ModelProto", expected: "the version of the default operator set", found: "none")
        }
        // 7 is the first with today's broadcasting; later ones than 28 may change what an operator means.
        guard operatorSet >= oldest, operatorSet <= 28 else {
            throw bytes.unsupported("opset_import", found: "operator set \(operatorSet)", supported: "\(oldest) to 28")
        }
        self.operatorSet = operatorSet
        self.graph = try ONNXGraph(graph)
        self.metadata = metadata
        externalFiles = ONNXExternalFiles(of: bytes.file, tensors: self.graph.initializers)
    }

    /// `StringStringEntryProto`
    private static func property(_ bytes: FileBytes) throws(ModelFormatError) -> (key: String, value: FileBytes?) {
        var (key, value) = ("", FileBytes?.none)
        var reader = ProtobufReader(bytes, message: "StringStringEntryProto")
        while let field = try reader.next() {
            switch field.number {
            case 1: key = try field.string()
            case 2: value = try field.bytes()
            default: break
            }
        }
        return (key, value)
    }

    /// `OperatorSetIdProto`
    private static func operatorSet(_ bytes: FileBytes) throws(ModelFormatError) -> (domain: String, version: Int64) {
        var (domain, version) = ("", Int64(0))
        var reader = ProtobufReader(bytes, message: "OperatorSetIdProto")
        while let field = try reader.next() {
            switch field.number {
            case 1: domain = try field.string()
            case 2: version = try field.integer()
            default: break
            }
        }
        return (domain, version)
    }
}
