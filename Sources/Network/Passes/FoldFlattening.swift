extension Graph {
    /// A dense layer reads a map in C, H, W order itself: its weights are packed for the map's real order.
    mutating func foldFlattening() {
        let uses = ValueUses(self)
        var replacements: [ValueID: ValueID] = [:]
        for node in nodes {
            guard case .flatten = node.operation, node.output != output else { continue }
            let onlyDenseReads = uses.readers(of: node.output).allSatisfy { reader in
                if case .dense = nodes[reader].operation { true } else { false }
            }
            if onlyDenseReads { replacements[node.output] = node.inputs[0] }
        }
        removeNodes(replacing: replacements)
    }
}
