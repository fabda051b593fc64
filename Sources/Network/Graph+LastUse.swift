import Compute

extension Graph {
    /// The node, which the graph keeps without its weights: they go when the result does, and may be given back while they
    /// are packed where nobody else has them.
    mutating func takeNode(at index: Int) -> Node {
        var node = nodes[index]
        nodes[index].operation = .flatten
        node.operation.allowDiscardingWeights()
        return node
    }
}

extension Operation {
    fileprivate mutating func allowDiscardingWeights() {
        switch self {
        case .convolution(var convolution):
            self = .flatten
            convolution.weights.allowDiscarding()
            self = .convolution(convolution)
        case .dense(var dense):
            self = .flatten
            dense.weights.allowDiscarding()
            self = .dense(dense)
        case .linear(var dense):
            self = .flatten
            dense.weights.allowDiscarding()
            self = .linear(dense)
        default: break
        }
    }
}
