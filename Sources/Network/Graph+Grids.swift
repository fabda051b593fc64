import Compute

extension Graph {
    /// The values whose numbers all lie on a grid, each with its grid: those that ``UnaryFunction/roundToGrid(_:)`` makes, also moved,
    /// or the largest of them alone.
    public func grids() -> [ValueID: QuantizationGrid] {
        var grids: [ValueID: QuantizationGrid] = [:]
        for node in nodes {
            switch node.operation {
            case .unary(.roundToGrid(let grid)): grids[node.output] = grid
            case .maxPool, .flatten, .reshape, .transpose: grids[node.output] = grids[node.inputs[0]]
            default: break
            }
        }
        return grids
    }
}
