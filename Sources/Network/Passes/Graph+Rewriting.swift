extension Graph {
    /// The graph that computes the same with fewer nodes: what ``Plan`` runs.
    ///
    /// In this order, since each pass makes room for the next: batch normalisations into convolutions, padding into
    /// windows, no-ops away, activations into what they follow, residual additions into convolutions, flattening into
    /// dense layers.
    ///
    /// - Throws: ``GraphError`` where the graph is not valid.
    public func optimized() throws(GraphError) -> Graph {
        var graph = self
        _ = try graph.shapes()
        graph.removeUnread()
        graph.foldBatchNormalizations()
        graph.foldPadding()
        graph.removeIdentities(try graph.shapes())
        graph.fuseActivations()
        graph.fuseResidualAdditions()
        graph.foldFlattening()
        return graph
    }

    /// Removes the node at `index`, whose readers read `replacement` from now on.
    mutating func removeNode(at index: Int, replacingItsOutputBy replacement: ValueID) {
        let removed = nodes.remove(at: index).output
        for reader in nodes.indices[index...] {
            for position in nodes[reader].inputs.indices where nodes[reader].inputs[position] == removed {
                nodes[reader].inputs[position] = replacement
            }
        }
        if output == removed { output = replacement }
    }

    /// Drops nodes whose output nobody reads, last first.
    mutating func removeUnread() {
        var counts = ValueUses(self).readerCounts
        for index in nodes.indices.reversed() where counts[nodes[index].output, default: 0] == 0 {
            for value in nodes[index].inputs { counts[value, default: 0] -= 1 }
            nodes.remove(at: index)
        }
    }
}
