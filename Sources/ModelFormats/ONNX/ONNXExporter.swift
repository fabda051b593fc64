import Compute
import Network

/// Turns a ``Graph`` into an ONNX graph, node by node: what ``ONNXImporter`` undoes.
struct ONNXExporter {
    /// The version of the default operator set that the nodes need.
    let operatorSet: Int
    /// `ir_version`, the one that came with the operator set.
    var formatVersion: Int { operatorSet <= 18 ? 8 : operatorSet <= 20 ? 9 : 10 }

    private let source: Graph
    let shapes: [Graph.ValueID: [Int]]
    let grids: [Graph.ValueID: QuantizationGrid]
    /// Those that are read by anything but a rounding.
    let valuesOfReals: Set<Graph.ValueID>
    private let inputName: String
    private let outputName: String
    private var nodeNames: LayerNames
    /// Of tensors and initializers.
    private var valueNames = LayerNames()
    private var values: [Graph.ValueID: String]
    /// The values that are the same for all images, and have no axis for them.
    private(set) var constants: Set<Graph.ValueID> = []
    /// `GraphProto`
    private var message = ProtobufWriter()

    /// Throws where the graph is not valid.
    init(_ graph: Graph) throws(GraphError) {
        source = graph
        shapes = try graph.shapes()
        grids = graph.grids()
        valuesOfReals = graph.nodes.reduce(into: []) { values, node in
            if case .unary(.roundToGrid) = node.operation { return }
            values.formUnion(node.inputs)
        }
        operatorSet = graph.nodes.reduce(17) { max($0, $1.operation.operatorSet) }
        nodeNames = LayerNames(taken: graph.nodes.map(\.name))
        inputName = valueNames.unique(graph.inputName.isEmpty ? "input" : graph.inputName)
        outputName = valueNames.unique(graph.outputName.isEmpty ? "output" : graph.outputName)
        values = [graph.input: inputName]
    }

    /// The `GraphProto`.
    ///
    /// Throws a ``GraphError`` where ONNX has no word for a node.
    mutating func export(named name: String) throws(GraphError) -> ProtobufWriter {
        message.text(2, name)
        for node in source.nodes {
            if case .constant(let tensor) = node.operation {
                values[node.output] = initializer(node.name, tensor)
                constants.insert(node.output)
                continue
            }
            let inputs = node.inputs.compactMap { values[$0] }
            var value = inputs[0]
            let links = try links(of: node, inputs: inputs) + repeatedRounding(of: node)
            for (index, link) in links.enumerated() {
                let name = link.suffix.map { nodeNames.unique("\(node.name).\($0)") } ?? node.name
                let isOutput = node.output == source.output && index == links.count - 1
                let result = isOutput ? outputName : valueNames.unique(name.isEmpty ? "value" : name)
                append(link, named: name, from: value, to: result)
                value = result
            }
            values[node.output] = value
        }
        // The output needs a name of its own also where it is the input.
        if source.output == source.input {
            append(Link(.identity), named: nodeNames.unique(outputName), from: inputName, to: outputName)
        }
        if constants.contains(source.output) {
            throw GraphError(node: source.outputName, operation: "output", reason: "it does not depend on the input")
        }
        message.message(11, .batch(inputName, shape: source.inputShape))
        message.message(12, .batch(outputName, shape: shapes[source.output] ?? []))
        return message
    }
}

extension ONNXExporter {
    /// One ONNX node of the chain that stands for a node of the graph; its first input is what the one before made.
    struct Link {
        let operation: ONNXOperator
        /// Behind the node's name; `nil` for the one that is called as the node.
        let suffix: String?
        /// After the first input.
        let inputs: [String]
        let attributes: [ProtobufWriter]

        init(
            _ operation: ONNXOperator, suffix: String? = nil, inputs: [String] = [], attributes: [ProtobufWriter] = []
        ) {
            self.operation = operation
            self.suffix = suffix
            self.inputs = inputs
            self.attributes = attributes
        }
    }

    private mutating func append(_ link: Link, named name: String, from input: String, to output: String) {
        // `NodeProto`
        var node = ProtobufWriter()
        for input in [input] + link.inputs { node.text(1, input) }
        node.text(2, output)
        node.text(3, name)
        node.text(4, link.operation.rawValue)
        for attribute in link.attributes { node.message(5, attribute) }
        message.message(1, node)
    }

    /// Appends a node that reads `input`, an initializer; returns the name of what it makes.
    mutating func append(_ link: Link, named name: String, from input: String) -> String {
        let output = valueNames.unique(name)
        append(link, named: nodeNames.unique(name), from: input, to: output)
        return output
    }

    private mutating func links(of node: Graph.Node, inputs: [String]) throws(GraphError) -> [Link] {
        switch node.operation {
        case .convolution(let convolution):
            var links = [try convolutionLink(convolution, node.name, grids[node.inputs[0]])]
            if convolution.addsResidual { links.append(Link(.add, suffix: "residual", inputs: [inputs[1]])) }
            return links + fusedLinks(convolution.activation, node.name)
        case .batchNormalization(let normalization):
            let parameters = [
                ("scale", normalization.scale), ("bias", normalization.bias), ("mean", normalization.mean),
                ("variance", normalization.variance),
            ].map { initializer("\(node.name).\($0)", $1) }
            let epsilon = ProtobufWriter.attribute("epsilon", normalization.epsilon)
            return [Link(.batchNormalization, inputs: parameters, attributes: [epsilon])]
        case .activation(let activation): return [activationLink(activation, node.name)]
        case .maxPool(let window): return maxPoolLinks(window, node.name)
        case .averagePool(let window, let countsPadding):
            return [averagePoolLink(window, countsPadding: countsPadding, input: shapes[node.inputs[0]] ?? [])]
        case .globalAveragePool: return [Link(.globalAveragePool)]
        case .dense(let dense):
            let grid = grids[node.inputs[0]]
            var links: [Link] = []
            if shapes[node.inputs[0]]?.count == 3 {
                links.append(Link(.flatten, suffix: "flatten", attributes: [.attribute("axis", 1)]))
                links += grid.flatMap { roundingLinks($0, node.name, suffix: "quantized") } ?? []
            }
            return links + [try denseLink(dense, node.name, grid)] + fusedLinks(dense.activation, node.name)
        case .add(let activation):
            return [Link(.add, inputs: [inputs[1]])] + fusedLinks(activation, node.name)
        case .pad(let insets):
            let name = valueNames.unique("\(node.name).pads")
            // [n, c, h, w] before, then [n, c, h, w] after.
            let pads = [0, 0, insets.top, insets.left, 0, 0, insets.bottom, insets.right]
            message.message(5, .vector(name, pads))
            return [Link(.pad, inputs: [name])]
        case .flatten: return [Link(.flatten, attributes: [.attribute("axis", 1)])]
        case .softmax(let axis): return [Link(.softmax, attributes: [.attribute("axis", axis + 1)])]
        case .transposedConvolution(let convolution):
            return [transposedConvolutionLink(convolution, node.name, input: shapes[node.inputs[0]] ?? [])]
        case .instanceNormalization(let normalization):
            let parameters = [
                initializer("\(node.name).scale", normalization.scale),
                initializer("\(node.name).bias", normalization.bias),
            ]
            return [
                Link(
                    .instanceNormalization, inputs: parameters,
                    attributes: [.attribute("epsilon", normalization.epsilon)])
            ]
        case .localResponseNormalization(let rule):
            return [
                Link(
                    .lrn,
                    attributes: [
                        .attribute("size", rule.size), .attribute("alpha", rule.alpha), .attribute("beta", rule.beta),
                        .attribute("bias", rule.bias),
                    ])
            ]
        // Written before.
        case .constant: return []
        case .layerNormalization, .unary, .binary, .logSoftmax, .reduce, .matrixProduct, .concatenate, .select,
            .transpose, .reshape, .resample, .linear:
            return try arrayLinks(of: node, inputs: inputs)
        }
    }

    private mutating func convolutionLink(
        _ convolution: Convolution, _ name: String, _ grid: QuantizationGrid?
    ) throws(GraphError) -> Link {
        let scales = convolution.weightScales
        var parameters = [try weights("\(name).weight", convolution.weights, scales: scales)]
        if let bias = convolution.bias {
            parameters.append(self.bias("\(name).bias", bias, weightScales: scales, grid: grid))
        }
        let groups = ProtobufWriter.attribute("group", convolution.groups)
        return Link(.conv, inputs: parameters, attributes: attributes(of: convolution.window) + [groups])
    }

    private mutating func transposedConvolutionLink(
        _ convolution: TransposedConvolution, _ name: String, input: [Int]
    ) -> Link {
        var parameters = [initializer("\(name).weight", convolution.weights)]
        if let bias = convolution.bias { parameters.append(initializer("\(name).bias", bias)) }
        let (window, size) = (convolution.window, convolution.outputSize)
        let reach = [
            window.dilationHeight * (window.kernelHeight - 1) + 1, window.dilationWidth * (window.kernelWidth - 1) + 1,
        ]
        let strides = [window.strideHeight, window.strideWidth]
        let pads = [window.padding.top + window.padding.bottom, window.padding.left + window.padding.right]
        // What is beyond the windows.
        let extents = [input[1], input[2]]
        let swept = (0..<2).map { (axis: Int) -> Int in strides[axis] * (extents[axis] - 1) + reach[axis] - pads[axis] }
        let extra = [size.height - swept[0], size.width - swept[1]]
        let attributes: [ProtobufWriter] = [
            .attribute("group", convolution.groups), .attribute("output_padding", extra),
        ]
        return Link(.convTranspose, inputs: parameters, attributes: self.attributes(of: window) + attributes)
    }

    private mutating func denseLink(
        _ dense: Dense, _ name: String, _ grid: QuantizationGrid?
    ) throws(GraphError) -> Link {
        var parameters = [try weights("\(name).weight", dense.weights, scales: dense.weightScales)]
        if let bias = dense.bias {
            parameters.append(self.bias("\(name).bias", bias, weightScales: dense.weightScales, grid: grid))
        }
        return Link(.gemm, inputs: parameters, attributes: [.attribute("transB", 1)])
    }

    /// ONNX Runtime wants less padding than the kernel has rows and columns, also of a dilated one, which reaches further (and
    /// which the rounding up of a size may have brought over that): what is more becomes a map's, of −∞.
    private mutating func maxPoolLinks(_ window: Window, _ name: String) -> [Link] {
        let padding = window.padding
        guard window.hasPaddingBeyondKernel else { return [Link(.maxPool, attributes: attributes(of: window))] }
        let pads = [0, 0, padding.top, padding.left, 0, 0, padding.bottom, padding.right]
        let inputs = [integers("\(name).pads", pads), scalar("\(name).fill", -.infinity)]
        var bare = window
        bare.padding = EdgeInsets()
        return [Link(.pad, suffix: "padded", inputs: inputs), Link(.maxPool, attributes: attributes(of: bare))]
    }

    private mutating func averagePoolLink(_ window: Window, countsPadding: Bool, input: [Int]) -> Link {
        // Before version 19 it has no dilations.
        let isDilated = (window.dilationHeight, window.dilationWidth) != (1, 1)
        let counting = ProtobufWriter.attribute("count_include_pad", countsPadding ? 1 : 0)
        let trimmed = countsPadding ? nil : window.withLessPadding(height: input[1], width: input[2])
        let rounding: [ProtobufWriter] = trimmed == nil ? [] : [.attribute("ceil_mode", 1)]
        return Link(
            .averagePool,
            attributes: attributes(of: trimmed ?? window, dilations: isDilated) + [counting] + rounding)
    }

    /// The activation of a layer that has one fused.
    mutating func fusedLinks(_ activation: Activation, _ name: String) -> [Link] {
        activation == .identity ? [] : [activationLink(activation, name, suffix: "activation")]
    }

    private mutating func activationLink(_ activation: Activation, _ name: String, suffix: String? = nil) -> Link {
        switch activation {
        case .identity: return Link(.identity, suffix: suffix)
        case .relu: return Link(.relu, suffix: suffix)
        case .clamp(let lower, let upper):
            let bounds = [bound("\(name).min", lower), bound("\(name).max", upper)]
            return Link(.clip, suffix: suffix, inputs: bounds)
        }
    }

    /// The initializer's name, or the empty one of an input that is left out.
    private mutating func bound(_ name: String, _ value: Float) -> String {
        value.isInfinite ? "" : scalar(name, value)
    }

    mutating func initializer(_ name: String, _ tensor: Tensor) -> String {
        let unique = valueNames.unique(name)
        message.message(5, .tensor(unique, tensor))
        return unique
    }

    /// An initializer of integers.
    mutating func integers(_ name: String, _ values: [Int]) -> String {
        let unique = valueNames.unique(name)
        message.message(5, .vector(unique, values))
        return unique
    }

    /// An initializer of integers of any type.
    mutating func wholes(_ name: String, _ type: ONNXTensor.ElementType, shape: [Int], _ values: [Int]) -> String {
        let unique = valueNames.unique(name)
        message.message(5, .wholes(unique, type, shape: shape, values))
        return unique
    }

    /// An initializer of one number without dimensions.
    mutating func scalar(_ name: String, _ value: Float) -> String {
        let unique = valueNames.unique(name)
        message.message(5, .scalar(unique, value))
        return unique
    }

    private func attributes(of window: Window, dilations: Bool = true) -> [ProtobufWriter] {
        let padding = window.padding
        let attributes: [ProtobufWriter] = [
            .attribute("kernel_shape", [window.kernelHeight, window.kernelWidth]),
            .attribute("strides", [window.strideHeight, window.strideWidth]),
            .attribute("pads", [padding.top, padding.left, padding.bottom, padding.right]),
        ]
        guard dilations else { return attributes }
        return attributes + [.attribute("dilations", [window.dilationHeight, window.dilationWidth])]
    }
}
