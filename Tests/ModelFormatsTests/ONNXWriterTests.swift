import Compute
import Foundation
import Network
import Testing

@testable import ModelFormats

/// Written files are read back here; `make compare` puts them through ONNX Runtime.
struct ONNXWriterTests {
    private func readBack(_ graph: Graph) throws -> Graph {
        let bytes = try ONNXWriter.serialize(graph, producerVersion: "1")
        return try ONNXReader.read(try FileContents(path: "written.onnx", contents: bytes))
    }

    /// Records where the two graphs differ: in a node, a weight, a bit of the answer, or in what they are called.
    private func expectEqual(_ found: Graph, _ expected: Graph, sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        #expect(found.inputName == expected.inputName, sourceLocation: sourceLocation)
        #expect(found.inputShape == expected.inputShape, sourceLocation: sourceLocation)
        #expect(found.outputName == expected.outputName, sourceLocation: sourceLocation)
        #expect(found.nodes.map(\.name) == expected.nodes.map(\.name), sourceLocation: sourceLocation)
        #expect(sources(in: found) == sources(in: expected), sourceLocation: sourceLocation)
        for (found, expected) in zip(found.nodes, expected.nodes) {
            #expect(
                Contents(found.operation) == Contents(expected.operation), "\(expected.name)",
                sourceLocation: sourceLocation)
        }
        #expect(
            try answers(found).map(\.bitPattern) == answers(expected).map(\.bitPattern), sourceLocation: sourceLocation)
    }

    /// The names of the nodes that each node reads, and of the one that is the output; passes leave gaps in the values.
    private func sources(in graph: Graph) -> [[String]] {
        let names = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.output, $0.name) })
        return (graph.nodes.map(\.inputs) + [[graph.output]]).map { $0.map { names[$0] ?? "the input" } }
    }

    private func answers(_ graph: Graph) throws -> [Float] {
        let plan = try Plan(graph, pool: ComputePool(threads: 1), kernels: KernelTable.selected)
        var numbers = Numbers()
        let input = numbers.next(2 * graph.inputShape.reduce(1, *))
        return try plan.run(input: input, images: 2, layers: [plan.outputName])[0]
    }

    /// One operation on a map of 6×9×7, with what the graph needs around it.
    private static let operations: [(name: String, make: @Sendable (inout Numbers) throws -> Network.Operation)] = [
        ("convolution without bias", { .convolution(try $0.convolution(outputs: 5, bias: false)) }),
        ("convolution", { .convolution(try $0.convolution(outputs: 5)) }),
        ("depthwise convolution", { .convolution(try $0.convolution(outputs: 6, groups: 6)) }),
        ("batch normalization", { .batchNormalization(try $0.normalization(6)) }),
        ("ReLU", { _ in .activation(.relu) }), ("ReLU6", { _ in .activation(.relu6) }),
        ("clamp from below", { _ in .activation(.clamp(lower: -0.5, upper: .infinity)) }),
        ("clamp from above", { _ in .activation(.clamp(lower: -.infinity, upper: 0.25)) }),
        ("no clamp", { _ in .activation(.clamp(lower: -.infinity, upper: .infinity)) }),
        ("max pool", { _ in .maxPool(Self.window) }),
        ("average pool that counts padding", { _ in .averagePool(Self.window, countsPadding: true) }),
        (
            "dilated average pool",
            { _ in
                var window = Self.window
                window.dilationHeight = 2
                return .averagePool(window, countsPadding: false)
            }
        ),
        ("global average pool", { _ in .globalAveragePool }), ("flatten", { _ in .flatten }),
        ("pad", { _ in .pad(EdgeInsets(top: 1, left: 2, bottom: 3, right: 4)) }),
    ]

    /// No two numbers of it are equal that could be taken for one another.
    private static let window = Window(
        kernelHeight: 3, kernelWidth: 2, strideHeight: 2, strideWidth: 1,
        padding: EdgeInsets(top: 1, left: 0, bottom: 2, right: 1))

    @Test(arguments: operations.indices) func `each operation is read back as it was`(_ index: Int) throws {
        var (numbers, graph) = (Numbers(), Graph(inputName: "x", inputShape: [6, 9, 7], outputName: "y"))
        graph.append("layer", try Self.operations[index].make(&numbers), graph.input)
        try expectEqual(try readBack(graph), graph)
    }

    /// Weights take a byte each in the file again.
    @Test(arguments: ["quantized_qdq", "quantized_qoperator"])
    func `a quantised network is read back bit for bit and does not grow`(_ name: String) throws {
        let graph = try ONNXReader.read(Fixture.path("\(name).onnx"))
        let bytes = try ONNXWriter.serialize(graph, producerVersion: "1")
        let found = try ONNXReader.read(try FileContents(path: "written.onnx", contents: bytes))
        try expectEqual(try found.optimized(), try graph.optimized())
        // The weights' 162 + 54 + 36 + 288 numbers.
        let model = try ONNXModel(FileContents(path: "written.onnx", contents: bytes).bytes)
        let stored = model.graph.initializers.filter { $0.elementType == .int8 }
        #expect(stored.reduce(0) { $0 + $1.shape.reduce(1, *) } == 540)
        #expect(model.graph.initializers.filter { $0.elementType == .int32 }.count == 4)
        let again = try ONNXWriter.serialize(found, producerVersion: "1")
        let nodes = try ONNXModel(FileContents(path: "again.onnx", contents: again).bytes).graph.nodesInOrder
        #expect(nodes.count == model.graph.nodesInOrder.count)
    }

    @Test(arguments: [
        (QuantizationGrid(scale: 0.1, zeroPoint: 3, lower: 0, upper: 255), "uint8", 17),
        (QuantizationGrid(scale: 0.1, zeroPoint: -128, lower: -128, upper: 127), "int8", 17),
        (QuantizationGrid(scale: 0.001, zeroPoint: 40000, lower: 0, upper: 65535), "uint16", 21),
        (QuantizationGrid(scale: 0.001, zeroPoint: 0, lower: -32768, upper: 32767), "int16", 21),
    ])
    func `a grid is written as its type`(_ grid: QuantizationGrid, _ type: String, _ operatorSet: Int) throws {
        var graph = Graph(inputName: "x", inputShape: [6, 9, 7], outputName: "y")
        graph.append("rounded", .unary(.roundToGrid(grid)), graph.input)
        let bytes = try ONNXWriter.serialize(graph, producerVersion: "1")
        let model = try ONNXModel(FileContents(path: "written.onnx", contents: bytes).bytes)
        #expect(model.operatorSet == operatorSet)
        #expect(model.graph.initializers.map { "\($0.elementType)" } == ["float32", type])
        try expectEqual(try readBack(graph), graph)
    }

    /// ONNX has no type of 1 … 15.
    @Test func `a grid of no type is written as arithmetic`() throws {
        let grid = QuantizationGrid(scale: 0.25, zeroPoint: 5, lower: 1, upper: 15)
        var graph = Graph(inputName: "x", inputShape: [6, 9, 7], outputName: "y")
        graph.append("rounded", .unary(.roundToGrid(grid)), graph.input)
        #expect(try answers(readBack(graph)) == answers(graph))
    }

    @Test func `weights on no grid are refused where scales say they are`() throws {
        var (numbers, graph) = (Numbers(), Graph(inputShape: [6, 9, 7]))
        var layer = try numbers.convolution(outputs: 2)
        layer.weightScales = try Tensor(shape: [2], values: [0.001, 0.1])
        graph.append("layer", .convolution(layer), graph.input)
        #expect { try ONNXWriter.serialize(graph, producerVersion: "1") } throws: { error in
            ["layer.weight", "−128 … 127"].allSatisfy("\(error)".contains)
        }
    }

    @Test func `a linear layer's weights are written along their columns`() throws {
        var (numbers, graph) = (Numbers(), Graph(inputName: "x", inputShape: [5, 4], outputName: "y"))
        let scales: [Float] = [0.5, 0.25, 0.125]
        let multiples = numbers.next(12).map { ($0 * 127).rounded() }
        let weights = multiples.enumerated().map { $1 * scales[$0 / 4] }
        graph.append(
            "layer",
            .linear(
                Dense(
                    weights: try Tensor(shape: [3, 4], values: weights),
                    weightScales: try Tensor(shape: [3], values: scales))), graph.input)
        guard case .linear(let layer) = try readBack(graph).optimized().nodes.last?.operation else {
            Issue.record("no linear layer")
            return
        }
        #expect(layer.weights.values == weights && layer.weightScales?.values == scales)
    }

    /// The attribute came with version 19 of AveragePool, and version 9 of the format with that operator set.
    @Test(arguments: [(dilation: 1, operatorSet: 17, format: 8), (dilation: 2, operatorSet: 19, format: 9)])
    func `the operator set has what the nodes need`(_ dilation: Int, _ operatorSet: Int, _ format: UInt8) throws {
        var (window, graph) = (Self.window, Graph(inputShape: [6, 9, 7]))
        window.dilationWidth = dilation
        graph.append("pool", .averagePool(window, countsPadding: false), graph.input)
        let bytes = try ONNXWriter.serialize(graph, producerVersion: "1")
        #expect(try ONNXModel(FileContents(path: "written.onnx", contents: bytes).bytes).operatorSet == operatorSet)
        // Field 1, `ir_version`.
        #expect(Array(bytes.prefix(2)) == [8, format])
    }

    @Test func `vectors and sums are read back as they were`() throws {
        var (numbers, graph) = (Numbers(), Graph(inputName: "x", inputShape: [6, 9, 7], outputName: "y"))
        let sum = graph.append(
            "sum", .add(.identity), graph.input, graph.append("relu", .activation(.relu), graph.input))
        let flat = graph.append("flatten", .flatten, graph.append("pool", .globalAveragePool, sum))
        let hidden = graph.append("hidden", .dense(try numbers.dense(6, 4, bias: false)), flat)
        let normalized = graph.append("normalization", .batchNormalization(try numbers.normalization(4)), hidden)
        let classifier = graph.append("classifier", .dense(try numbers.dense(4, 3)), normalized)
        graph.append("softmax", .softmax(axis: 0), classifier)
        try expectEqual(try readBack(graph), graph)
    }

    @Test func `what layers have fused is read back as nodes that are fused again`() throws {
        var (numbers, graph) = (Numbers(), Graph(inputName: "x", inputShape: [6, 9, 7], outputName: "y"))
        var convolution = try numbers.convolution(outputs: 6)
        convolution.window = Window(kernel: 3, padding: 1)
        convolution.weights = try numbers.tensor(6, 6, 3, 3)
        (convolution.addsResidual, convolution.activation) = (true, .relu6)
        let residual = graph.append("convolution", .convolution(convolution), graph.input, graph.input)
        let pooled = graph.append("pool", .maxPool(Window(kernel: 2, stride: 2)), residual)
        let sum = graph.append("sum", .add(.relu), pooled, pooled)
        var hidden = try numbers.dense(6 * 4 * 3, 4)
        hidden.activation = .relu
        graph.append("classifier", .dense(try numbers.dense(4, 3)), graph.append("hidden", .dense(hidden), sum))
        let found = try readBack(graph)
        #expect(
            found.nodes.map(\.name) == [
                "convolution", "convolution.residual", "convolution.activation", "pool", "sum", "sum.activation",
                "hidden.flatten", "hidden", "hidden.activation", "classifier",
            ])
        try expectEqual(try found.optimized(), try graph.optimized())
    }

    @Test func `the model in the box is read back with its metadata`() throws {
        let folder = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "models/efficientnet-lite0").path
        let model = try Model.load(folder)
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "copy.onnx").path
            let bytes = try ONNXWriter.serialize(model.graph, metadata: model.metadata, producerVersion: "1")
            try Data(bytes).write(to: URL(filePath: path))
            let copy = try Model.load(path)
            #expect(copy.labels == model.labels)
            #expect(copy.configuration.name == model.configuration.name)
            #expect(copy.configuration.preprocessing == model.configuration.preprocessing)
            #expect(copy.configuration.preprocessing != .imageNet, "else the line above could not fail")
            try expectEqual(try copy.graph.optimized(), try model.graph.optimized())
        }
    }

    @Test func `names that clash or are empty stay apart`() throws {
        var (numbers, graph) = (Numbers(), Graph(inputName: "x", inputShape: [6, 9, 7], outputName: "x"))
        var convolution = try numbers.convolution(outputs: 6)
        convolution.activation = .relu
        let first = graph.append("layer", .convolution(convolution), graph.input)
        let second = graph.append("layer.weight", .activation(.relu6), first)
        let third = graph.append("layer.activation", .activation(.clamp(lower: -1, upper: 0.5)), second)
        graph.append("x_2", .activation(.relu), graph.append("", .activation(.relu), third))
        let found = try readBack(graph)
        #expect(
            found.nodes.map(\.name) == [
                "layer", "layer.activation_2", "layer.weight", "layer.activation", "value", "x_2",
            ])
        #expect(found.outputName == "x_2" && found.inputName == "x")
        #expect(try answers(found).map(\.bitPattern) == answers(graph).map(\.bitPattern))
    }

    /// ONNX Runtime refuses padding of as many pixels as the kernel has, dilated or not.
    @Test func `a pool that reaches further than its kernel has its padding before it`() throws {
        let graph = try ONNXReader.read(Fixture.path("max_pool_ceil_dilated.onnx"))
        let written = try readBack(graph)
        let windows = written.nodes.compactMap { node -> Window? in
            if case .maxPool(let window) = node.operation { window } else { nil }
        }
        #expect(windows.map(\.padding) == [EdgeInsets()])
        #expect(try answers(written) == answers(graph))
    }

    @Test func `an average that reaches further than its kernel has its size rounded up`() throws {
        let graph = try ONNXReader.read(Fixture.path("average_pool_ceil_dilated.onnx"))
        let source = try #require(graph.nodes.first?.operation)
        guard case .averagePool(let window, _) = source else {
            Issue.record("\(source)")
            return
        }
        #expect(window.hasPaddingBeyondKernel)
        let trimmed = try #require(window.withLessPadding(height: graph.inputShape[1], width: graph.inputShape[2]))
        #expect(!trimmed.hasPaddingBeyondKernel)
        #expect(try readBack(graph).nodes.map { "\($0.operation)" } == ["\(source)"])
        #expect(try answers(readBack(graph)) == answers(graph))
    }

    @Test func `a graph that answers its input can be written`() throws {
        let graph = Graph(inputName: "x", inputShape: [2, 3, 4], outputName: "y")
        try expectEqual(try readBack(graph), graph)
    }

    @Test func `a graph that is not valid is refused with the node`() throws {
        var graph = Graph(inputShape: [2, 3, 4])
        graph.append("probabilities", .softmax(axis: 3), graph.input)
        #expect { try ONNXWriter.serialize(graph, producerVersion: "1") } throws: { error in
            error is ModelWriteError && "\(error)".contains("probabilities")
        }
    }

    @Test func `a file above the limit is refused with both sizes and one below is not`() throws {
        #expect(ONNXWriter.sizeLimit == 2_147_483_647)
        var (numbers, graph) = (Numbers(), Graph(inputShape: [6, 9, 7]))
        graph.append("layer", .convolution(try numbers.convolution(outputs: 5)), graph.input)
        let bytes = try ONNXWriter.serialize(graph, producerVersion: "1")
        let exact = try ONNXWriter.serialize(graph, producerVersion: "1", sizeLimit: bytes.count)
        #expect(exact == bytes)
        let expected = ModelWriteError.tooLarge(part: "the ONNX file", bytes: bytes.count, limit: bytes.count - 1)
        #expect(throws: expected) {
            try ONNXWriter.serialize(graph, producerVersion: "1", sizeLimit: bytes.count - 1)
        }
    }

    @Test(arguments: [
        ("\"labels\":[\"a\"]", "labels", "expected none, or 6"), ("\"name\":\"\"", "name", "expected a name"),
        ("\"name\":3", "name", "name"), ("\"crop_fraction\":2", "crop_fraction", "above 0"),
    ])
    func `metadata that cannot be true is refused by name`(_ change: String, _ field: String, _ words: String) throws {
        let metadata = ModelMetadata(
            name: "n", version: "1", weightsDigest: "0", preprocessing: .imageNet,
            labels: ["a", "b", "c", "d", "e", "f"])
        var graph = Graph(inputShape: [6, 9, 7])
        graph.append("pool", .globalAveragePool, graph.input)
        let good = try ONNXWriter.serialize(graph, metadata: metadata, producerVersion: "1")
        let originals = [
            "labels": "\"labels\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]", "name": "\"name\":\"n\"",
            "crop_fraction": "\"crop_fraction\":0.875",
        ]
        let original = try #require(originals[field])
        // As long as what it replaces, so that the lengths around it stay true.
        let replacement = change + String(repeating: " ", count: max(0, original.count - change.count))
        try #require(replacement.count == original.count)
        let start = try #require(Data(good).range(of: Data(original.utf8)))
        var bad = good
        bad.replaceSubrange(start, with: replacement.utf8)
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "changed.onnx")
            try Data(good).write(to: path)
            #expect(try Model.load(path.path).labels == metadata.labels)
            try Data(bad).write(to: path)
            #expect { try Model.load(path.path) } throws: { error in
                ["changed.onnx", field, words].allSatisfy("\(error)".contains)
            }
        }
    }
}

/// What an operation holds, in a form that can be compared.
private struct Contents: Equatable {
    private let kind: String
    private let tensors: [[Int]: [UInt32]]
    private let parameters: [String]

    init(_ operation: Network.Operation) {
        kind = operation.description
        var tensors: [Tensor?] = []
        switch operation {
        case .convolution(let layer):
            tensors = [layer.weights, layer.bias, layer.weightScales]
            parameters = ["\(layer.window)", "\(layer.groups)", "\(layer.activation)", "\(layer.addsResidual)"]
        case .batchNormalization(let layer):
            tensors = [layer.scale, layer.bias, layer.mean, layer.variance]
            parameters = ["\(layer.epsilon)"]
        case .dense(let layer):
            tensors = [layer.weights, layer.bias, layer.weightScales]
            parameters = ["\(layer.activation)"]
        case .activation(let activation), .add(let activation): parameters = ["\(activation)"]
        case .maxPool(let window): parameters = ["\(window)"]
        case .averagePool(let window, let countsPadding): parameters = ["\(window)", "\(countsPadding)"]
        case .pad(let insets): parameters = ["\(insets)"]
        case .globalAveragePool, .flatten: parameters = []
        default: parameters = ["\(operation)"]
        }
        self.tensors = Dictionary(
            uniqueKeysWithValues: tensors.enumerated().compactMap { index, tensor in
                tensor.map { ([index] + $0.shape, $0.values.map(\.bitPattern)) }
            })
    }
}

/// Without the weights, which are too many to print.
extension Contents: CustomTestStringConvertible {
    var testDescription: String { "\(kind), \(parameters), weights \(tensors.keys.sorted { $0[0] < $1[0] })" }
}

/// Layers of different numbers.
private struct Numbers {
    private var state: UInt64 = 1

    mutating func next(_ count: Int) -> [Float] {
        (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 23) - 1
        }
    }

    mutating func tensor(_ shape: Int...) throws -> Tensor {
        try Tensor(shape: shape, values: next(shape.reduce(1, *)))
    }

    /// Over a map of 6 channels.
    mutating func convolution(outputs: Int, groups: Int = 1, bias: Bool = true) throws -> Convolution {
        let window = Window(
            kernelHeight: 3, kernelWidth: 2, strideHeight: 2, strideWidth: 1, dilationHeight: 1, dilationWidth: 2,
            padding: EdgeInsets(top: 1, left: 0, bottom: 2, right: 3))
        return Convolution(
            weights: try tensor(outputs, 6 / groups, 3, 2), bias: bias ? try tensor(outputs) : nil, window: window,
            groups: groups)
    }

    mutating func dense(_ inputs: Int, _ outputs: Int, bias: Bool = true) throws -> Dense {
        Dense(weights: try tensor(outputs, inputs), bias: bias ? try tensor(outputs) : nil)
    }

    mutating func normalization(_ channels: Int) throws -> BatchNormalization {
        BatchNormalization(
            scale: try tensor(channels), bias: try tensor(channels), mean: try tensor(channels),
            variance: try Tensor(shape: [channels], values: next(channels).map { 1 + abs($0) }), epsilon: 0.01)
    }
}
