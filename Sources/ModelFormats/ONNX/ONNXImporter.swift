import Compute
import Network

/// Turns an ONNX graph into a ``Graph``, node by node, evaluating constants and shape arithmetic on the way.
struct ONNXImporter {
    let operatorSet: Int64
    /// The axes that stand for images: 1, the first of every value that is computed; 0 where the whole input is one array.
    let batchAxes: Int
    private let source: ONNXGraph
    private let output: ONNXValueInfo
    /// What the graph's input declares as its batch size, if it is a number.
    let declaredBatch: Int64?
    private var values: [String: ONNXValue] = [:]
    /// Of constants that were dequantised from 8 bits, by their names.
    var weightGrids: [String: ONNXWeightGrid] = [:]
    private var graph: Graph
    private var layerNames = LayerNames()
    var budget: ConstantBudget
    private let externalFiles: ONNXExternalFiles

    /// Larger maps than 2^28 floats (1 GiB an image) are a mistake or an attack.
    static let elementLimit = 1 << 28

    /// - Parameters:
    ///   - isBatch: whether the input's first axis stands for images.
    ///   - constantLimit: see ``ConstantBudget``.
    init(_ model: ONNXModel, isBatch: Bool, constantLimit: Int?) throws(ModelFormatError) {
        operatorSet = model.operatorSet
        batchAxes = isBatch ? 1 : 0
        source = model.graph
        let bytes = source.bytes
        budget = ConstantBudget(bytes.file.bytes, limit: constantLimit)
        externalFiles = model.externalFiles
        // Before version 4 of the format, initializers were listed among the inputs too.
        let initializers = Set(source.initializers.map(\.name))
        let inputs = source.inputs.filter { !initializers.contains($0.name) }
        if !isBatch, inputs.isEmpty, let output = source.outputs.first {
            // All is constant.
            (self.output, declaredBatch) = (output, nil)
            graph = Graph(inputShape: [1], outputName: output.name)
            return
        }
        guard inputs.count == 1, let input = inputs.first else {
            throw bytes.unsupported(
                "graph inputs", found: "\(inputs.count)", supported: "one: a batch of images [N, C, H, W]")
        }
        guard source.outputs.count == 1, let output = source.outputs.first else {
            throw bytes.unsupported("graph outputs", found: "\(source.outputs.count)", supported: "one")
        }
        self.output = output
        let (batch, shape) = try Self.inputShape(input, bytes, batchAxes: batchAxes)
        declaredBatch = batch
        graph = Graph(inputName: input.name, inputShape: shape, outputName: output.name)
        values[input.name] = .features(.init(id: graph.input, shape: shape))
    }

    private static func inputShape(
        _ input: ONNXValueInfo, _ bytes: FileBytes, batchAxes: Int
    ) throws(ModelFormatError) -> (batch: Int64?, shape: [Int]) {
        let location = "input \(input.name.quoted)"
        // Small integers are images of quantised networks: floats hold them exactly.
        let types: [ONNXTensor.ElementType] = [.float, .float16, .double, .uint8, .int8]
        guard let type = input.elementType, types.contains(type) else {
            let found = input.elementType.map { "\($0)" } ?? "no tensor type"
            throw bytes.unsupported(
                location, found: found, supported: types.map { "\($0)" }.joined(separator: ", "))
        }
        guard let dimensions = input.shape, dimensions.count >= batchAxes else {
            throw bytes.unsupported(
                location, found: "shape \(input.shape?.description ?? "unknown")",
                supported: "a batch of images [N, C, H, W], or of other arrays [N, …]")
        }
        var (batch, elements) = (Int64?.none, 1)
        if batchAxes == 1, case .known(let extent) = dimensions[0] { batch = extent }
        var shape: [Int] = []
        for dimension in dimensions[batchAxes...] {
            // Each factor is at most 2^24 and the product checked after each: no overflow.
            guard case .known(let extent) = dimension, (1...1 << 24).contains(extent) else {
                throw bytes.unsupported(
                    location, found: "shape \(dimensions)",
                    supported: "fixed channels, height and width from 1 to \(1 << 24) (export with a fixed image size)")
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
        let nodes = source.nodesInOrder
        let needed = neededValues(of: nodes)
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
        for node in nodes where node.outputs.contains(where: needed.contains) {
            let count = graph.nodes.count
            let results = try evaluate(node)
            // Of several nodes that stand for one, the last has its name.
            if let first = graph.nodes.indices.dropFirst(count).first(where: { graph.nodes[$0].name == node.name }) {
                graph.exchangeNames(ofLastAnd: first)
            }
            guard
                node.outputs.count <= results.count || !node.outputs[results.count...].contains(where: needed.contains)
            else {
                throw node.unsupported(
                    "outputs", found: "\(node.outputs.count) that are read", supported: "the first \(results.count)")
            }
            guard !node.outputs.isEmpty else {
                throw node.malformed("outputs", expected: "one at least", found: "none")
            }
            for (name, value) in zip(node.outputs, results) where !name.isEmpty {
                // Counted after it is made: no single one has more than a megabyte.
                if case .integers(let tensor) = value { try budget.spend(tensor.byteCount, for: node.location) }
                guard values.updateValue(value, forKey: name) == nil else {
                    throw node.malformed("outputs", expected: "a name that nothing else has", found: name.quoted)
                }
            }
        }
        guard let value = values[output.name], batchAxes == 0 || !value.isConstant else {
            throw source.bytes.malformed(
                "output \(output.name.quoted)", expected: "a value that a node computes from the input",
                found: values[output.name]?.kind ?? "no node that makes it")
        }
        let features = try operand(value, rank: 0, of: nil)
        try checkOutput(features)
        graph.output = features.id
        graph.joinQuantization()
        return graph
    }

    /// The names that the output depends on. Nodes stand in the order they run, so one pass from the end finds all.
    private func neededValues(of nodes: [ONNXNode]) -> Set<String> {
        var needed: Set = [output.name]
        for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
            needed.formUnion(node.inputs)
        }
        return needed.subtracting([""])
    }

    private func checkOutput(_ features: ONNXValue.Features) throws(ModelFormatError) {
        guard let declared = output.shape else { return }
        let agrees =
            declared.count == features.shape.count + batchAxes
            && zip(declared.dropFirst(batchAxes), features.shape).allSatisfy { dimension, extent in
                if case .known(let known) = dimension { known == extent } else { true }
            }
        guard agrees else {
            throw source.bytes.malformed(
                "output \(output.name.quoted)", expected: "the shape that the file declares, \(declared)",
                found: "\(batchAxes == 1 ? "[N] + " : "")\(features.shape) from the nodes")
        }
    }
}

extension ONNXImporter {
    /// An initializer or a constant, by its element type.
    mutating func constant(_ tensor: ONNXTensor) throws(ModelFormatError) -> ONNXValue {
        if tensor.elementType == .int64, !tensor.isExternal,
            let count = try? Tensor.elementCount(of: tensor.shape), count <= ONNXTensor.integerLimit
        {
            return .integers(try tensor.integers())
        }
        guard tensor.isNumeric else {
            throw source.bytes.unsupported(
                "tensor \(tensor.name.quoted)", found: "\(tensor.elementType)", supported: "numbers of 8 to 64 bits")
        }
        let known = externalFiles.byteCount
        let tensor = try tensor.resolved { name throws(ModelFormatError) in try externalFiles.bytes(of: name) }
        budget.add(fileBytes: externalFiles.byteCount - known)
        let count = try tensor.elementCount()
        budget.widen(count, from: tensor.elementType.byteCount * count)
        // Many tensors may have the same bytes of another file.
        if !tensor.isBorrowed { try budget.spend(4 * count, for: "tensor \(tensor.name.quoted)") }
        return .floats(try tensor.numbers(), type: tensor.elementType)
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
        _ node: ONNXNode, _ operation: Operation, _ inputs: [ONNXValue.Features]
    ) throws(ModelFormatError) -> ONNXValue {
        let shape: [Int]
        do { shape = try operation.outputShape(of: inputs.map(\.shape), node: node.name) } catch {
            throw node.unsupported("operation", found: error.reason, supported: "shapes that fit together")
        }
        try budget.spend(operation.tableBytes, for: node.location)
        let id = graph.append(layerNames.unique(node.name), operation, inputs: inputs.map(\.id))
        return .features(.init(id: id, shape: shape))
    }

    /// Applies an operation: here and now where all values are constants, else in the graph.
    ///
    /// - Parameters:
    ///   - type: of the result, where it is a constant.
    ///   - operation: made for the values' shapes, whose first `leading` axes (0 or 1), images, are not among them.
    mutating func apply(
        _ node: ONNXNode, _ values: [ONNXValue], type: ONNXTensor.ElementType = .float,
        _ operation: (_ shapes: [[Int]], _ leading: Int) throws(ModelFormatError) -> Operation
    ) throws(ModelFormatError) -> ONNXValue {
        guard values.contains(where: { !$0.isConstant }) else {
            var tensors: [Tensor] = []
            for value in values { tensors.append(try tensor(value, of: node)) }
            let operation = try operation(tensors.map(\.shape), 0)
            return try number(try evaluate(node, operation, tensors), type, of: node)
        }
        let rank = values.reduce(0) { rank, value in
            if case .features(let features) = value { max(rank, features.shape.count) } else { rank }
        }
        var operands: [ONNXValue.Features] = []
        for value in values { operands.append(try operand(value, rank: rank, of: node)) }
        return try append(node, try operation(operands.map(\.shape), batchAxes), operands)
    }

    private mutating func evaluate(
        _ node: ONNXNode, _ operation: Operation, _ inputs: [Tensor]
    ) throws(ModelFormatError) -> Tensor {
        do {
            let shape = try operation.outputShape(of: inputs.map(\.shape), node: node.name)
            let count = shape.reduce(1, *)
            try budget.spend(4 * count, for: node.location)
            try budget.compute(inputs.reduce(count) { $0 + $1.count }, for: node.location)
            if case .matrixProduct = operation {
                // At most 2^28 of one and 2^28 of the other: no overflow.
                try budget.compute(count * (inputs[0].shape.last ?? 1), for: node.location)
            }
            return try operation.evaluate(inputs, node: node.name, kernels: KernelTable.selected)
        } catch let error as ModelFormatError {
            throw error
        } catch {
            throw node.unsupported("constants", found: "\(error)", supported: "shapes that fit together")
        }
    }

    /// Whole numbers that shapes are made of stay such.
    func number(
        _ tensor: Tensor, _ type: ONNXTensor.ElementType, of node: ONNXNode
    ) throws(ModelFormatError) -> ONNXValue {
        guard type == .int64, tensor.count <= ONNXTensor.integerLimit else { return .floats(tensor, type: type) }
        var elements: [IntegerTensor.Element] = []
        for value in tensor.values {
            // Larger ones may have been rounded.
            guard abs(value) <= 0x1p24 else {
                throw node.unsupported("output", found: "the integer \(value)", supported: "integers up to 2^24 here")
            }
            elements.append(.value(Int(value)))
        }
        guard let integers = IntegerTensor(shape: tensor.shape, elements: elements) else {
            return .floats(tensor, type: type)
        }
        return .integers(integers)
    }

    /// A constant's numbers.
    func tensor(_ value: ONNXValue, of node: ONNXNode) throws(ModelFormatError) -> Tensor {
        switch value {
        case .floats(let tensor, _): return tensor
        case .integers(let tensor):
            guard let values = tensor.values,
                let floats = try? Tensor(shape: tensor.shape, values: values.map { Float($0) })
            else { throw node.unsupported("input", found: "\(tensor)", supported: "integers without the batch size") }
            return floats
        case .features: throw node.unsupported("input", found: value.kind, supported: "constants here")
        }
    }

    /// A value as part of the graph. A constant beside activations of `rank` axes an image may have an axis for the images, of
    /// extent 1, which goes.
    mutating func operand(
        _ value: ONNXValue, rank: Int, of node: ONNXNode?
    ) throws(ModelFormatError) -> ONNXValue.Features {
        if case .features(let features) = value { return features }
        let bytes = source.bytes
        let location = node?.location ?? "output"
        var tensor: Tensor
        switch value {
        case .floats(let floats, _): tensor = floats
        case .integers(let integers) where integers.values != nil:
            do {
                tensor = try Tensor(shape: integers.shape, values: (integers.values ?? []).map { Float($0) })
            } catch { throw bytes.malformed(location, expected: "numbers", found: value.kind) }
        case .integers, .features:
            throw bytes.unsupported(location, found: value.kind, supported: "integers without the batch size")
        }
        if node != nil, batchAxes == 1, tensor.shape.count > rank {
            guard tensor.shape.count == rank + 1, tensor.shape[0] == 1,
                let one = try? tensor.reshaped(Array(tensor.shape.dropFirst()))
            else {
                throw bytes.unsupported(
                    location, found: "a constant of shape \(tensor.shape) beside activations of \(rank) axes an image",
                    supported: "constants that are the same for all images")
            }
            tensor = one
        }
        try budget.spend(4 * tensor.count, for: location)
        let id = graph.append(layerNames.unique("constant"), .constant(tensor))
        return .init(id: id, shape: tensor.shape)
    }
}

extension Operation {
    /// What its lists of indices take, about: in the graph and, packed, in a plan.
    fileprivate var tableBytes: Int {
        switch self {
        case .select(let selection): 32 * selection.indices.reduce(0) { $0 + $1.count }
        case .resample(_, let taps): taps.reduce(0) { $0 + 64 + 16 * $1.indices.count }
        default: 0
        }
    }
}
