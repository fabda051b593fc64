import Compute

extension Graph {
    /// Drops what changes nothing: pooling a single element, flattening a vector, clamping to everything, rounding once more.
    mutating func removeIdentities(_ shapes: [ValueID: [Int]]) {
        let grids = grids()
        var replacements: [ValueID: ValueID] = [:]
        for node in nodes where changesNothing(node, shapes, grids) { replacements[node.output] = node.inputs[0] }
        removeNodes(replacing: replacements)
    }

    private func changesNothing(
        _ node: Node, _ shapes: [ValueID: [Int]], _ grids: [ValueID: QuantizationGrid]
    ) -> Bool {
        switch node.operation {
        case .maxPool(let window), .averagePool(let window, _):
            window == Window(kernel: 1)
        case .activation(let activation): activation.bounds == (-.infinity, .infinity)
        case .pad(let insets): insets == EdgeInsets()
        case .unary(.roundToGrid(let grid)): grids[node.inputs[0]] == grid
        case .flatten: shapes[node.inputs[0]]?.count == 1
        case .reshape(let shape): shapes[node.inputs[0]] == shape
        case .transpose(let permutation): permutation == Array(permutation.indices)
        case .concatenate: node.inputs.count == 1
        case .reduce(let reduction, let axes): axes.isEmpty && reduction != .squareSum
        case .convolution, .transposedConvolution, .batchNormalization, .instanceNormalization, .layerNormalization,
            .localResponseNormalization, .globalAveragePool, .dense, .add, .constant, .unary, .binary, .softmax,
            .logSoftmax, .matrixProduct, .select, .resample, .linear:
            false
        }
    }
}
