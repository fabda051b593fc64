import Compute

extension Graph {
    /// An activation is applied where its input is computed, before it leaves the registers.
    mutating func fuseActivations() {
        let uses = ValueUses(self)
        var replacements: [ValueID: ValueID] = [:]
        for index in nodes.indices {
            guard case .activation(let activation) = nodes[index].operation,
                let producer = uses.soleProducer(of: nodes[index].inputs[0]),
                let fused = nodes[producer].operation.followed(by: activation)
            else { continue }
            nodes[producer].operation = fused
            replacements[nodes[index].output] = nodes[producer].output
        }
        removeNodes(replacing: replacements)
    }
}

extension Operation {
    fileprivate func followed(by activation: Activation) -> Operation? {
        switch self {
        case .convolution(var convolution) where convolution.activation == .identity:
            convolution.activation = activation
            return .convolution(convolution)
        case .dense(var dense) where dense.activation == .identity:
            dense.activation = activation
            return .dense(dense)
        case .linear(var dense) where dense.activation == .identity:
            dense.activation = activation
            return .linear(dense)
        case .add(.identity):
            return .add(activation)
        default: return nil
        }
    }
}
