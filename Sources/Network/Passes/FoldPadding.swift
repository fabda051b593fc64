import Compute

extension Graph {
    /// Zeros around a map become the padding of the convolution that reads it. Not of a max pool, whose padding is −∞.
    mutating func foldPadding() {
        for index in nodes.indices.reversed() {
            guard case .pad(let insets) = nodes[index].operation else { continue }
            let padded = nodes[index].output
            let readers = nodes.indices.filter { nodes[$0].inputs.contains(padded) }
            guard output != padded, readers.allSatisfy({ canPad(nodes[$0], reading: padded) }) else { continue }
            for reader in readers {
                guard case .convolution(var convolution) = nodes[reader].operation else { continue }
                convolution.window.padding.top += insets.top
                convolution.window.padding.left += insets.left
                convolution.window.padding.bottom += insets.bottom
                convolution.window.padding.right += insets.right
                nodes[reader].operation = .convolution(convolution)
            }
            removeNode(at: index, replacingItsOutputBy: nodes[index].inputs[0])
        }
    }

    private func canPad(_ reader: Node, reading value: ValueID) -> Bool {
        guard case .convolution(let convolution) = reader.operation else { return false }
        return !convolution.addsResidual || reader.inputs[1] != value
    }
}
