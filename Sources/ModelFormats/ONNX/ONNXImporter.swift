import Network

/// Turns an ONNX graph into a ``Graph``, node by node, evaluating constants and shape arithmetic on the way.
struct ONNXImporter {
    let operatorSet: Int64
    private let source: ONNXGraph
    private let output: ONNXValueInfo
    /// What the graph's input declares as its batch size, if it is a number.
    let declaredBatch: Int64?
    private var values: [String: ONNXValue] = [:]
    private var graph: Graph
    private var layerNames = LayerNames()
    var budget: ConstantBudget

    /// Larger maps than 2^28 floats (1 GiB an image) are a mistake or an attack.
    static let elementLimit = 1 << 28

    init(_ model: ONNXModel) throws(ModelFormatError) {
        operatorSet = model.operatorSet
        source = model.graph
        let bytes = source.bytes
        budget = ConstantBudget(bytes.file.bytes)
        // Before version 4 of the format, initializers were listed among the inputs too.
        let initializers = Set(source.initializers.map(\.name))
        let inputs = source.inputs.filter { !initializers.contains($0.name) }
        guard inputs.count == 1, let input = inputs.first else {
            throw bytes.unsupported(
                "graph inputs", found: "\(inputs.count)", supported: "one: a batch of images [N, C, H, W]")
        }
        guard source.outputs.count == 1, let output = source.outputs.first else {
            throw bytes.unsupported("graph outputs", found: "\(source.outputs.count)", supported: "one")
        }
        self.output = output
        let (batch, shape) = try Self.inputShape(input, bytes)
        declaredBatch = batch
        graph = Graph(inputName: input.name, inputShape: shape, outputName: output.name)
        values[input.name] = .features(.init(id: graph.input, shape: shape))
    }

    private static func inputShape(
        _ input: ONNXValueInfo, _ bytes: FileBytes
    ) throws(ModelFormatError) -> (batch: Int64?, shape: [Int]) {
        let location = "input \(input.name.quoted)"
        guard input.elementType == .float else {
            let found = input.elementType.map { "\($0)" } ?? "no tensor type"
            throw bytes.unsupported(location, found: found, supported: "float32")
        }
        guard let dimensions = input.shape, dimensions.count == 4 else {
            throw bytes.unsupported(
                location, found: "shape \(input.shape?.description ?? "unknown")",
                supported: "four dimensions [N, C, H, W]")
        }
        var (batch, elements) = (Int64?.none, 1)
        if case .known(let extent) = dimensions[0] { batch = extent }
        var shape: [Int] = []
        for dimension in dimensions[1...] {
            // Each factor is at most 2^16 and the product checked after each: no overflow.
            guard case .known(let extent) = dimension, (1...65536).contains(extent) else {
                throw bytes.unsupported(
                    location, found: "shape \(dimensions)",
                    supported: "fixed channels, height and width from 1 to 65536 (export with a fixed image size)")
            }
            shape.append(Int(extent))
            elements *= Int(extent)
            guard elements <= elementLimit else {
                throw bytes.unsupported(
                    location, found: "shape \(dimensions)", supported: "at most \(elementLimit) elements an image")
            }
        }
        return (batch, shape)
    }

    /// The whole graph, of the nodes that its output depends on.
    mutating func importGraph() throws(ModelFormatError) -> Graph {
        let needed = neededValues()
        for initializer in source.initializers where needed.contains(initializer.name) {
            guard values[initializer.name] == nil else {
                throw source.bytes.malformed(
                    "tensor \(initializer.name.quoted)", expected: "one value of that name", found: "two")
            }
            let value = try constant(initializer)
            if case .integers(let tensor) = value {
                try budget.spend(tensor.byteCount, for: "tensor \(initializer.name.quoted)")
            }
            values[initializer.name] = value
        }
        for node in source.nodes where node.outputs.contains(where: needed.contains) {
            let value = try evaluate(node)
            // Counted after it is made: no single one has more than a megabyte.
            if case .integers(let tensor) = value { try budget.spend(tensor.byteCount, for: node.location) }
            guard let name = node.outputs.first, values.updateValue(value, forKey: name) == nil else {
                throw node.malformed(
                    "outputs", expected: "a name that nothing else has", found: (node.outputs.first ?? "").quoted)
            }
        }
        guard case .features(let features) = values[output.name] else {
            throw source.bytes.malformed(
                "output \(output.name.quoted)", expected: "a value that a node computes from the input",
                found: values[output.name]?.kind ?? "no node that makes it")
        }
        try checkOutput(features)
        graph.output = features.id
        return graph
    }

    /// The names that the output depends on. Nodes stand in the order they run, so one pass from the end finds all.
    private func neededValues() -> Set<String> {
        var needed: Set = [output.name]
        for node in source.nodes.reversed() where node.outputs.contains(where: needed.contains) {
            needed.formUnion(node.inputs)
        }
        return needed.subtracting([""])
    }

    private func checkOutput(_ features: ONNXValue.Features) throws(ModelFormatError) {
        guard let declared = output.shape else { return }
        let agrees =
            declared.count == features.shape.count + 1
            && zip(declared.dropFirst(), features.shape).allSatisfy { dimension, extent in
                if case .known(let known) = dimension { known == extent } else { true }
            }
        guard agrees else {
            throw source.bytes.malformed(
                "output \(output.name.quoted)", expected: "the shape that the file declares, \(declared)",
                found: "[N] + \(features.shape) from the nodes")
        }
    }
}

extension ONNXImporter {
    /// An initializer or a constant, by its element type.
    func constant(_ tensor: ONNXTensor) throws(ModelFormatError) -> ONNXValue {
        tensor.elementType == .int64 ? .integers(try tensor.integers()) : .floats(try tensor.floats())
    }

    /// What input `index` of `node` stands for; `nil` where it is optional and left out.
    func optionalInput(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> ONNXValue? {
        guard index < node.inputs.count, !node.inputs[index].isEmpty else { return nil }
        guard let value = values[node.inputs[index]] else {
            throw node.malformed(
                "input \(index)", expected: "a value that an earlier node, an initializer or the graph's input gives",
                found: "\(node.inputs[index].quoted) (missing, or the graph has a cycle)")
        }
        return value
    }

    /// Adds a node to the graph; its layer is called as the ONNX node, with a number where that name is taken.
    mutating func append(
        _ node: ONNXNode, _ operation: Operation, _ inputs: [ONNXValue.Features], shape: [Int]
    ) throws(ModelFormatError) -> ONNXValue {
        var elements = 1
        for extent in shape {
            let (product, overflow) = elements.multipliedReportingOverflow(by: extent)
            guard !overflow, (1...Self.elementLimit).contains(product) else {
                throw node.unsupported(
                    "output", found: "shape \(shape)", supported: "1 to \(Self.elementLimit) elements an image")
            }
            elements = product
        }
        let id = graph.append(layerNames.unique(node.name), operation, inputs: inputs.map(\.id))
        return .features(.init(id: id, shape: shape))
    }
}
