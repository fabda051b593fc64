/// ONNX's `GraphProto`.
struct ONNXGraph {
    private(set) var nodes: [ONNXNode] = []
    var initializers: [ONNXTensor] = []
    private(set) var inputs: [ONNXValueInfo] = []
    var outputs: [ONNXValueInfo] = []
    /// For errors.
    let bytes: FileBytes

    /// The nodes, each behind those whose outputs it reads, as the format asks for and not every tool writes them. Where there is
    /// a cycle, its nodes come last.
    var nodesInOrder: [ONNXNode] {
        var makers: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            for name in node.outputs where !name.isEmpty { makers[name] = makers[name] ?? index }
        }
        let isInOrder = nodes.indices.allSatisfy { index in
            nodes[index].inputs.allSatisfy { makers[$0].map { $0 < index } ?? true }
        }
        if isInOrder { return nodes }
        var missing = [Int](repeating: 0, count: nodes.count)
        var readers = [[Int]](repeating: [], count: nodes.count)
        for (index, node) in nodes.enumerated() {
            for maker in Set(node.inputs.compactMap { makers[$0] }) {
                missing[index] += 1
                readers[maker].append(index)
            }
        }
        // Kahn, "Topological sorting of large networks", 1962.
        var order = nodes.indices.filter { missing[$0] == 0 }
        var next = 0
        while next < order.count {
            for reader in readers[order[next]] {
                missing[reader] -= 1
                if missing[reader] == 0 { order.append(reader) }
            }
            next += 1
        }
        return (order + nodes.indices.filter { missing[$0] > 0 }).map { nodes[$0] }
    }

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
