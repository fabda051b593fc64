import Compute

extension Graph {
    /// `convolution(x) + y` becomes one node where only the addition reads the convolution and `y` exists before it.
    mutating func fuseResidualAdditions() {
        let uses = ValueUses(self)
        var replacements: [ValueID: ValueID] = [:]
        for index in nodes.indices {
            guard case .add(let activation) = nodes[index].operation else { continue }
            // Of two convolutions the later one can add the other.
            let candidates = [(0, 1), (1, 0)].compactMap { own, other -> (node: Int, residual: ValueID)? in
                let (value, residual) = (nodes[index].inputs[own], nodes[index].inputs[other])
                guard let node = uses.soleProducer(of: value), (uses.producer(of: residual) ?? -1) < node,
                    case .convolution(let convolution) = nodes[node].operation,
                    convolution.activation == .identity, !convolution.addsResidual
                else { return nil }
                return (node, residual)
            }
            guard let (node, residual) = candidates.first,
                case .convolution(var convolution) = nodes[node].operation
            else { continue }
            convolution.addsResidual = true
            convolution.activation = activation
            nodes[node].operation = .convolution(convolution)
            nodes[node].inputs.append(residual)
            replacements[nodes[index].output] = nodes[node].output
        }
        removeNodes(replacing: replacements)
    }
}
