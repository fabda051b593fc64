import Compute

extension Graph {
    /// Whole numbers that are only ever made real again become numbers on their grid: ``UnaryFunction/quantize(_:)``, and behind
    /// it `(x − zero point) · scale`, are one ``UnaryFunction/roundToGrid(_:)``, with the name of the first.
    ///
    /// So are those that are moved on the way, or of which only the largest are kept: their order is that of the reals.
    public mutating func joinQuantization() {
        let uses = ValueUses(self)
        let constants = scalars()
        var replacements: [ValueID: ValueID] = [:]
        for index in nodes.indices {
            guard case .unary(.quantize(let grid)) = nodes[index].operation, grid.isRegular,
                let reals = reals(of: nodes[index].output, on: grid, uses, constants)
            else { continue }
            nodes[index].operation = .unary(.roundToGrid(grid))
            replacements.merge(reals) { first, _ in first }
        }
        guard !replacements.isEmpty else { return }
        removeNodes(replacing: replacements)
        removeUnread()
    }

    /// The values that are made of whole numbers on the way to reals, and those, with the whole ones; `nil` where anything else
    /// is made of them too.
    private func reals(
        of quantized: ValueID, on grid: QuantizationGrid, _ uses: ValueUses, _ scalars: [ValueID: Float]
    ) -> [ValueID: ValueID]? {
        var found: [ValueID: ValueID] = [:]
        var wholes = [quantized]
        while let whole = wholes.popLast() {
            let readers = uses.readers(of: whole).map { nodes[$0] }
            guard whole != output, !readers.isEmpty else { return nil }
            for reader in readers {
                switch reader.operation {
                case .maxPool, .flatten, .reshape, .transpose: wholes.append(reader.output)
                case .binary(.subtract):
                    let scaled = uses.readers(of: reader.output).map { nodes[$0] }
                    guard reader.inputs[0] == whole, scalars[reader.inputs[1]] == grid.zeroPoint,
                        reader.output != output,
                        scaled.allSatisfy({ $0.isProduct(of: reader.output, by: grid.scale, scalars) })
                    else { return nil }
                    for value in [reader.output] + scaled.map(\.output) { found[value] = whole }
                // Without a zero point.
                case .binary(.multiply):
                    guard grid.zeroPoint == 0, reader.isProduct(of: whole, by: grid.scale, scalars) else { return nil }
                    found[reader.output] = whole
                default: return nil
                }
            }
        }
        return found
    }

    /// The constants of one number and no axis.
    private func scalars() -> [ValueID: Float] {
        var found: [ValueID: Float] = [:]
        for node in nodes {
            guard case .constant(let tensor) = node.operation, tensor.shape.isEmpty else { continue }
            found[node.output] = tensor.values.first
        }
        return found
    }
}

extension Graph.Node {
    fileprivate func isProduct(of value: Graph.ValueID, by factor: Float, _ scalars: [Graph.ValueID: Float]) -> Bool {
        guard case .binary(.multiply) = operation else { return false }
        return inputs[0] == value && scalars[inputs[1]] == factor
    }
}

extension QuantizationGrid {
    /// Whether its numbers are finite and 0 is one of them.
    fileprivate var isRegular: Bool {
        scale.isNormal && scale > 0 && lower <= zeroPoint && zeroPoint <= upper && zeroPoint == zeroPoint.rounded()
    }
}
