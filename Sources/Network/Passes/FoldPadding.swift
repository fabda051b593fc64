import Compute

extension Graph {
    /// Zeros around a map become the padding of the convolution that reads it. Not of a max pool, whose padding is −∞.
    mutating func foldPadding() {
        let replacements = foldablePadding()
        // What a map that is not padded any more lacks: the zeros of all paddings in a row.
        var missing: [ValueID: EdgeInsets] = [:]
        for index in nodes.indices {
            guard let input = nodes[index].inputs.first else { continue }
            let before = missing[input]
            switch nodes[index].operation {
            case .pad(let insets) where replacements[nodes[index].output] != nil:
                missing[nodes[index].output] = insets.extended(by: before ?? EdgeInsets())
            case .convolution(var convolution):
                guard let before else { continue }
                convolution.window.padding = convolution.window.padding.extended(by: before)
                nodes[index].operation = .convolution(convolution)
            default: continue
            }
        }
        removeNodes(replacing: replacements)
    }

    /// The padded maps that only convolutions read, or paddings that go away themselves; with the maps they pad.
    private func foldablePadding() -> [ValueID: ValueID] {
        let uses = ValueUses(self)
        var foldable: [ValueID: ValueID] = [:]
        for node in nodes.reversed() {
            guard case .pad = node.operation, node.output != output,
                uses.readers(of: node.output).allSatisfy({ reader in
                    foldable[nodes[reader].output] != nil || nodes[reader].canPad(node.output)
                })
            else { continue }
            foldable[node.output] = node.inputs[0]
        }
        return foldable
    }
}

extension Graph.Node {
    fileprivate func canPad(_ value: Graph.ValueID) -> Bool {
        guard case .convolution(let convolution) = operation else { return false }
        return !convolution.addsResidual || inputs[1] != value
    }
}

extension EdgeInsets {
    fileprivate func extended(by other: EdgeInsets) -> EdgeInsets {
        EdgeInsets(
            top: top + other.top, left: left + other.left, bottom: bottom + other.bottom, right: right + other.right)
    }
}
