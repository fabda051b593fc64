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
        try graph.optimize()
        return graph
    }

    /// As ``optimized()``, in place: weights that nobody else has are let go as they are replaced.
    mutating func optimize() throws(GraphError) {
        _ = try shapes()
        removeUnread()
        foldBatchNormalizations()
        foldPadding()
        removeIdentities(try shapes())
        fuseActivations()
        fuseResidualAdditions()
        foldFlattening()
    }

    /// Removes the nodes that make the keys of `replacements`. Who reads such a value reads its replacement from now on:
    /// an earlier value, which may be replaced itself.
    mutating func removeNodes(replacing replacements: [ValueID: ValueID]) {
        var final: [ValueID: ValueID] = [:]
        nodes = nodes.compactMap { node in
            var node = node
            node.inputs = node.inputs.map { final[$0] ?? $0 }
            guard let replacement = replacements[node.output] else { return node }
            final[node.output] = final[replacement] ?? replacement
            return nil
        }
        output = final[output] ?? output
    }

    /// Drops nodes whose output nobody reads, also those that only such nodes read.
    mutating func removeUnread() {
        var needed: Set = [output]
        for node in nodes.reversed() where needed.contains(node.output) { needed.formUnion(node.inputs) }
        nodes.removeAll { !needed.contains($0.output) }
    }
}
