import Compute

extension Graph.Node {
    /// Whether its numbers are those of a grid of bytes.
    var roundsToBytes: Bool {
        if case .unary(.roundToGrid(let grid)) = operation { grid.ofBytes != nil } else { false }
    }
}

extension Graph {
    /// Layers whose result is rounded to a grid of bytes by the node after them and read by nobody else, by their positions: a
    /// plan computes both as one where it has kernels of whole numbers.
    func roundedLayers() -> [Int: QuantizationGrid] {
        let uses = ValueUses(self)
        var grids: [Int: QuantizationGrid] = [:]
        for (index, node) in nodes.enumerated().dropFirst() {
            guard case .unary(.roundToGrid(let grid)) = node.operation, let bytes = grid.ofBytes,
                uses.soleProducer(of: node.inputs[0]) == index - 1
            else { continue }
            grids[index - 1] = bytes
        }
        return grids
    }
}
