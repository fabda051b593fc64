import Compute

extension Graph {
    /// Values that lie in memory as bfloat16 where products are of bfloat16: what a product makes and only products read, which
    /// would round it on their way.
    ///
    /// - Parameter blocks: nodes that are computed as one, without these.
    func roundedValues(
        _ shapes: [ValueID: [Int]], blocks: [Int: Range<Int>], options: PlanOptions
    ) -> Set<ValueID> {
        // Beside bytes, floats stay floats: kernels for both kinds are told apart by the plan, image by image.
        guard options.precision == .bfloat16, !nodes.contains(where: \.roundsToBytes) else {
            return []
        }
        let inBlocks = blocks.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
        let products = nodes.indices.map { index -> Convolution? in
            guard !inBlocks.contains(index), case .convolution(let layer) = nodes[index].operation,
                layer.groups == 1, layer.weightScales == nil, let input = shapes[nodes[index].inputs[0]],
                !layer.usesWinograd(on: FeatureMap(input), options: options)
            else { return nil }
            return layer
        }
        let uses = ValueUses(self)
        return nodes.indices.reduce(into: []) { rounded, index in
            let value = nodes[index].output
            // Of an even number, so that images follow one another without a gap.
            guard products[index] != nil, value != output, let shape = shapes[value],
                shape.reduce(1, *).isMultiple(of: 2), DenseConvolution.readsRounded(FeatureMap(shape))
            else { return }
            let readers = uses.readers(of: value)
            if !readers.isEmpty, readers.allSatisfy({ products[$0] != nil }) { rounded.insert(value) }
        }
    }

    /// What a node reads and writes while these values are rounded.
    func formats(of node: Node, rounded: Set<ValueID>) -> NumberFormats {
        func format(_ value: ValueID?) -> NumberFormat {
            value.map { rounded.contains($0) } == true ? .bfloat16 : .float32
        }
        return NumberFormats(
            input: format(node.inputs.first), residual: format(node.inputs.dropFirst().first),
            output: format(node.output))
    }
}

extension Convolution {
    /// Whether a plan computes it by Winograd's algorithm.
    func usesWinograd(on map: FeatureMap, options: PlanOptions) -> Bool {
        groups == 1 && !options.isExact
            && WinogradConvolution.isFaster(window: window, input: map, outputs: weights.shape.first ?? 0)
    }
}
