import Compute

extension Graph {
    /// Values that lie in memory as bfloat16 where products are of bfloat16: what a product makes and only products read, which
    /// would round it on their way.
    ///
    /// - Parameter blocks: nodes that are computed as one. They begin and end with products.
    func roundedValues(
        _ shapes: [ValueID: [Int]], blocks: [Int: Range<Int>], options: PlanOptions
    ) -> Set<ValueID> {
        // Beside bytes, floats stay floats: kernels for both kinds are told apart by the plan, image by image.
        guard options.precision == .bfloat16, !nodes.contains(where: \.roundsToBytes) else {
            return []
        }
        let inBlocks = blocks.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
        let insideBlocks = blocks.values.reduce(into: Set<Int>()) { $0.formUnion($1.dropLast()) }
        let products = nodes.indices.filter { index in
            guard !inBlocks.contains(index) else { return true }
            guard case .convolution(let layer) = nodes[index].operation,
                layer.groups == 1, layer.weightScales == nil, let input = shapes[nodes[index].inputs[0]]
            else { return false }
            return !layer.usesWinograd(on: FeatureMap(input), options: options)
        }
        let readers = Set(products)
        let uses = ValueUses(self)
        return products.reduce(into: []) { rounded, index in
            let value = nodes[index].output
            guard !insideBlocks.contains(index), value != output, let shape = shapes[value],
                DenseConvolution.readsRounded(FeatureMap(shape))
            else { return }
            let found = uses.readers(of: value)
            if !found.isEmpty, readers.isSuperset(of: found) { rounded.insert(value) }
        }
    }

    /// What nodes that are computed as one read and write while these values are rounded.
    func formats(of nodes: [Node], rounded: Set<ValueID>) -> NumberFormats {
        func format(_ value: ValueID?) -> NumberFormat {
            value.map { rounded.contains($0) } == true ? .bfloat16 : .float32
        }
        return NumberFormats(
            input: format(nodes.first?.inputs.first), residual: format(nodes.last?.inputs.dropFirst().first),
            output: format(nodes.last?.output))
    }
}

extension Convolution {
    /// Whether a plan computes it by Winograd's algorithm.
    func usesWinograd(on map: FeatureMap, options: PlanOptions) -> Bool {
        groups == 1 && !options.isExact
            && WinogradConvolution.isFaster(window: window, input: map, outputs: weights.shape.first ?? 0)
    }
}
