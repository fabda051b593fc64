import Compute

extension Graph {
    /// Nodes that a plan computes as one ``SeparableBlock``, each run of them by where it begins: a depthwise convolution with
    /// the 1×1 convolution before it, the one after it, or both, whose results nobody else reads.
    func separableBlocks() -> [Int: Range<Int>] {
        let uses = ValueUses(self)
        func feeds(_ index: Int) -> Bool {
            nodes.indices.contains(index + 1) && nodes[index + 1].inputs.first == nodes[index].output
                && uses.soleProducer(of: nodes[index].output) == index
        }
        var blocks: [Int: Range<Int>] = [:]
        var index = 0
        while index < nodes.count {
            let expands = nodes[index].isPointwise(addingResidual: false) && feeds(index)
            let depthwise = expands ? index + 1 : index
            guard nodes[depthwise].isDepthwise else {
                index += 1
                continue
            }
            let projects = feeds(depthwise) && nodes[depthwise + 1].isPointwise(addingResidual: true)
            let end = depthwise + (projects ? 2 : 1)
            if end - index > 1 { blocks[index] = index..<end }
            index = end
        }
        return blocks
    }
}

extension Graph.Node {
    fileprivate func isPointwise(addingResidual: Bool) -> Bool {
        guard case .convolution(let convolution) = operation, convolution.groups == 1 else { return false }
        return convolution.window == Window(kernel: 1) && (addingResidual || !convolution.addsResidual)
    }

    fileprivate var isDepthwise: Bool {
        guard case .convolution(let convolution) = operation, convolution.groups > 1, !convolution.addsResidual else {
            return false
        }
        return convolution.weights.shape.first == convolution.groups && convolution.weights.shape[1] == 1
            && convolution.window.dilationHeight == 1 && convolution.window.dilationWidth == 1
    }
}

extension SeparableBlock {
    /// The convolutions of nodes that ``Graph/separableBlocks()`` found.
    ///
    /// - Parameter input: the shape of the first one's input, `[C, H, W]`.
    convenience init(
        _ nodes: [Graph.Node], input: [Int], precision: Precision, formats: NumberFormats, kernels: KernelTable
    ) throws(ComputeError) {
        let convolutions = nodes.compactMap { node in
            if case .convolution(let convolution) = node.operation { convolution } else { nil }
        }
        var (expansion, depthwise, projection) = (Pointwise?.none, Depthwise?.none, Pointwise?.none)
        for layer in convolutions {
            if layer.groups > 1 {
                depthwise = Depthwise(
                    weights: layer.weights, bias: layer.bias, window: layer.window, activation: layer.activation)
            } else {
                let pointwise = Pointwise(weights: layer.weights, bias: layer.bias, activation: layer.activation)
                if depthwise == nil { expansion = pointwise } else { projection = pointwise }
            }
        }
        guard let depthwise else { preconditionFailure("a block has a depthwise convolution") }
        try self.init(
            expansion: expansion, depthwise: depthwise, projection: projection, input: FeatureMap(input),
            precision: precision, formats: formats, kernels: kernels)
    }
}
