import Compute
import Network

/// Operations on arrays of any rank as ONNX nodes. Axes count from the images' on.
extension ONNXExporter {
    mutating func arrayLinks(of node: Graph.Node, inputs: [String]) throws(GraphError) -> [Link] {
        let shape = shapes[node.inputs[0]] ?? []
        switch node.operation {
        case .layerNormalization(let layer): return normalizationLinks(layer, node.name, isMap: shape.count == 3)
        case .unary(let function): return functionLinks(function, node.name, of: inputs[0])
        case .binary(let function):
            try checkAlignment(node)
            return [Link(function.onnx, inputs: [inputs[1]])]
        case .logSoftmax(let axis): return [Link(.logSoftmax, attributes: [.attribute("axis", axis + 1)])]
        case .reduce(let reduction, let axes):
            let axes = axes.map { $0 + 1 }
            if reduction != .sum, operatorSet < 18 {
                return [Link(reduction.onnx, attributes: [.attribute("axes", axes)])]
            }
            return [Link(reduction.onnx, inputs: [integers("\(node.name).axes", axes)])]
        case .matrixProduct:
            try checkAlignment(node)
            return [Link(.matMul, inputs: [inputs[1]])]
        case .concatenate(let axis):
            if node.inputs.contains(where: constants.contains) {
                throw GraphError(
                    node: node.name, operation: "\(node.operation)",
                    reason: "ONNX cannot join a constant with every image's values")
            }
            return [Link(.concat, inputs: Array(inputs.dropFirst()), attributes: [.attribute("axis", axis + 1)])]
        case .select(let selection): return selectionLinks(selection, node.name, shape)
        case .transpose(let permutation):
            return [Link(.transpose, attributes: [.attribute("perm", [0] + permutation.map { $0 + 1 })])]
        case .reshape(let target):
            // 0 is the images' extent as it is.
            return [Link(.reshape, inputs: [integers("\(node.name).shape", [0] + target)])]
        case .resample(let axis, let taps): return try resamplingLinks(axis, taps, node, shape)
        case .linear(let dense): return try linearLinks(dense, node.name, grids[node.inputs[0]])
        default: return []
        }
    }

    /// Values of fewer axes would be matched with the images'.
    private func checkAlignment(_ node: Graph.Node) throws(GraphError) {
        let ranks = node.inputs.map { value in
            (rank: shapes[value]?.count ?? 0, isConstant: constants.contains(value))
        }
        guard let rank = ranks.filter({ !$0.isConstant }).map(\.rank).max(),
            ranks.allSatisfy({ $0.isConstant ? $0.rank <= rank : $0.rank == rank })
        else {
            throw GraphError(
                node: node.name, operation: "\(node.operation)",
                reason: "ONNX would match the axes of \(ranks.map(\.rank)) with that of the images")
        }
    }

    private mutating func normalizationLinks(_ layer: LayerNormalization, _ name: String, isMap: Bool) -> [Link] {
        var parameters = [initializer("\(name).scale", layer.scale)]
        if let bias = layer.bias { parameters.append(initializer("\(name).bias", bias)) }
        let attributes: [ProtobufWriter] = [.attribute("axis", -1), .attribute("epsilon", layer.epsilon)]
        let normalization = Link(.layerNormalization, inputs: parameters, attributes: attributes)
        if !isMap { return [normalization] }
        return [
            Link(.transpose, suffix: "channels_last", attributes: [.attribute("perm", [0, 2, 3, 1])]), normalization,
            Link(.transpose, suffix: "channels_first", attributes: [.attribute("perm", [0, 3, 1, 2])]),
        ]
    }

    private mutating func functionLinks(_ function: UnaryFunction, _ name: String, of input: String) -> [Link] {
        switch function {
        case .sigmoid: [Link(.sigmoid)]
        case .tanh: [Link(.tanh)]
        case .exp: [Link(.exp)]
        case .log: [Link(.log)]
        case .sqrt: [Link(.sqrt)]
        case .erf: [Link(.erf)]
        case .negate: [Link(.neg)]
        case .absolute: [Link(.abs)]
        case .reciprocal: [Link(.reciprocal)]
        case .softplus: [Link(.softplus)]
        case .softsign: [Link(.softsign)]
        case .mish: [Link(.mish)]
        case .round: [Link(.round)]
        case .floor: [Link(.floor)]
        case .ceil: [Link(.ceil)]
        case .silu: [Link(.sigmoid, suffix: "sigmoid"), Link(.mul, inputs: [input])]
        case .hardSwish: [Link(.hardSwish)]
        case .hardSigmoid(let alpha, let beta):
            [Link(.hardSigmoid, attributes: [.attribute("alpha", alpha), .attribute("beta", beta)])]
        case .leakyReLU(let alpha): [Link(.leakyRelu, attributes: [.attribute("alpha", alpha)])]
        case .elu(let alpha): [Link(.elu, attributes: [.attribute("alpha", alpha)])]
        case .selu(let alpha, let gamma):
            [Link(.selu, attributes: [.attribute("alpha", alpha), .attribute("gamma", gamma)])]
        case .gelu: [Link(.gelu)]
        case .geluTanh: [Link(.gelu, attributes: [.attribute("approximate", "tanh")])]
        case .quantize(let grid): quantizingLinks(grid, name)
        case .roundToGrid(let grid): roundingLinks(grid, name) ?? arithmeticRoundingLinks(grid, name)
        }
    }

    /// Whole numbers as floats, by arithmetic.
    private mutating func quantizingLinks(_ grid: QuantizationGrid, _ name: String) -> [Link] {
        [
            Link(.div, suffix: "scaled", inputs: [scalar("\(name).scale", grid.scale)]),
            Link(.round, suffix: "rounded"),
            Link(.add, suffix: "shifted", inputs: [scalar("\(name).zero_point", grid.zeroPoint)]),
            Link(.clip, inputs: [scalar("\(name).min", grid.lower), scalar("\(name).max", grid.upper)]),
        ]
    }

    private mutating func arithmeticRoundingLinks(_ grid: QuantizationGrid, _ name: String) -> [Link] {
        quantizingLinks(grid, name) + [
            Link(.sub, suffix: "centred", inputs: [scalar("\(name).zero_point", grid.zeroPoint)]),
            Link(.mul, suffix: "dequantized", inputs: [scalar("\(name).scale", grid.scale)]),
        ]
    }

    /// A gather along each axis that changes, behind a padding by what is missing.
    private mutating func selectionLinks(_ selection: Selection, _ name: String, _ shape: [Int]) -> [Link] {
        var links: [Link] = []
        let isMissing = selection.indices.map { $0.contains(-1) }
        if isMissing.contains(true) {
            let none = Array(repeating: 0, count: shape.count + 2)
            let pads = none + isMissing.map { $0 ? 1 : 0 }
            let fill = scalar("\(name).fill", selection.fill)
            links.append(Link(.pad, suffix: "padded", inputs: [integers("\(name).pads", pads), fill]))
        }
        for (axis, indices) in selection.indices.enumerated() where indices != Array(0..<shape[axis]) {
            let positions = indices.map { $0 < 0 ? shape[axis] : $0 }
            links.append(
                Link(
                    .gather, suffix: "axis_\(axis)", inputs: [integers("\(name).indices", positions)],
                    attributes: [.attribute("axis", axis + 1)]))
        }
        return named(links)
    }

    /// A product with a matrix of the weights, along the axis brought to the end.
    private mutating func resamplingLinks(
        _ axis: Int, _ taps: [ResamplingTaps], _ node: Graph.Node, _ shape: [Int]
    ) throws(GraphError) -> [Link] {
        // Both are below 2^28: no overflow.
        let count = shape[axis] * taps.count
        guard count <= 1 << 24 else {
            throw GraphError(
                node: node.name, operation: "\(node.operation)",
                reason: "it would be written as a matrix of \(count) numbers; at most \(1 << 24) are")
        }
        var weights = [Float](repeating: 0, count: count)
        for (position, own) in taps.enumerated() {
            for (index, weight) in zip(own.indices, own.weights) { weights[index * taps.count + position] += weight }
        }
        let matrix: Tensor
        do { matrix = try Tensor(shape: [shape[axis], taps.count], values: weights) } catch {
            throw GraphError(node: node.name, operation: "\(node.operation)", reason: "\(error)")
        }
        var order = Array(0...shape.count)
        order.swapAt(axis + 1, shape.count)
        let swap: [ProtobufWriter] = [.attribute("perm", order)]
        return [
            Link(.transpose, suffix: "swapped", attributes: swap),
            Link(.matMul, suffix: "mixed", inputs: [initializer("\(node.name).weights", matrix)]),
            Link(.transpose, attributes: swap),
        ]
    }

    private mutating func linearLinks(
        _ dense: Dense, _ name: String, _ grid: QuantizationGrid?
    ) throws(GraphError) -> [Link] {
        let columns: Tensor
        do {
            columns = try Operation.transpose([1, 0]).evaluate([dense.weights], node: name, kernels: .selected)
        } catch { throw GraphError(node: name, operation: "linear", reason: "\(error)") }
        let weights = try weights("\(name).weight", columns, scales: dense.weightScales, axis: 1)
        var links = [Link(.matMul, inputs: [weights])]
        if let bias = dense.bias {
            let bias = self.bias("\(name).bias", bias, weightScales: dense.weightScales, grid: grid)
            links.append(Link(.add, suffix: "bias", inputs: [bias]))
        }
        return links + fusedLinks(dense.activation, name)
    }

    /// The last is called as the node.
    private func named(_ links: [Link]) -> [Link] {
        guard let last = links.last else { return [Link(.identity)] }
        return links.dropLast() + [Link(last.operation, inputs: last.inputs, attributes: last.attributes)]
    }
}

extension Operation {
    /// The version of the default operator set that came with it.
    var operatorSet: Int {
        switch self {
        case .averagePool(let window, _) where (window.dilationHeight, window.dilationWidth) != (1, 1): 19
        case .unary(.mish): 18
        case .unary(.gelu), .unary(.geluTanh): 20
        case .unary(.roundToGrid(let grid)): grid.operatorSet
        default: 17
        }
    }
}

extension BinaryFunction {
    fileprivate var onnx: ONNXOperator {
        switch self {
        case .add: .add
        case .subtract: .sub
        case .multiply: .mul
        case .divide: .div
        case .power: .pow
        case .maximum: .max
        case .minimum: .min
        case .prelu: .pRelu
        }
    }
}

extension Reduction {
    fileprivate var onnx: ONNXOperator {
        switch self {
        case .mean: .reduceMean
        case .sum: .reduceSum
        case .maximum: .reduceMax
        case .minimum: .reduceMin
        case .product: .reduceProd
        case .squareSum: .reduceSumSquare
        }
    }
}
