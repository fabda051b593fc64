extension Graph {
    /// A dense layer reads a map in C, H, W order itself: its weights are packed for the map's real order.
    mutating func foldFlattening() {
        for index in nodes.indices.reversed() {
            guard case .flatten = nodes[index].operation else { continue }
            let flattened = nodes[index].output
            let onlyDenseReads = nodes.allSatisfy { node in
                guard node.inputs.contains(flattened) else { return true }
                if case .dense = node.operation { return true }
                return false
            }
            guard onlyDenseReads, output != flattened else { continue }
            removeNode(at: index, replacingItsOutputBy: nodes[index].inputs[0])
        }
    }
}
