import Compute

extension Graph {
    /// The part of the network that computes `layer`, which becomes the output.
    ///
    /// Layers are those of a ``Plan`` of this graph: the optimized graph's, or ``outputName`` for the network's answer.
    /// What the result answers is bit for bit what the plan answers for that layer.
    ///
    /// - Throws: ``GraphError`` where the graph is not valid, or has no such layer.
    public func truncated(at layer: String) throws(GraphError) -> Graph {
        var graph = try optimized()
        if layer != outputName {
            guard let node = graph.nodes.first(where: { $0.name == layer }) else {
                throw GraphError(node: layer, operation: "layer", reason: "the network has no layer of this name")
            }
            graph.output = node.output
            graph.outputName = layer
            graph.removeUnread()
        }
        return graph
    }

    /// The network up to `layer`, see ``truncated(at:)``, then `head` and a softmax: a classifier on its features.
    ///
    /// One dense layer of `[classes, features]` is a logistic regression; with a hidden one before it, whose activation
    /// is ReLU, a multilayer perceptron. A map's features are in C, H, W order. The last layer is called `classifier`,
    /// those before it `hidden`, `hidden_2`, …; the output is `probabilities`, `[classes]`.
    ///
    /// - Throws: ``GraphError`` where there is no such layer, or `head` does not fit its shape.
    public func classifying(_ layer: String, with head: [Dense]) throws(GraphError) -> Graph {
        var graph = try truncated(at: layer)
        var names = LayerNames(taken: graph.nodes.map(\.name))
        for (index, dense) in head.enumerated() {
            let name = names.unique(index == head.count - 1 ? "classifier" : "hidden")
            graph.append(name, .dense(dense), graph.output)
        }
        graph.outputName = names.unique("probabilities")
        graph.append(graph.outputName, .softmax(axis: 0), graph.output)
        _ = try graph.shapes()
        return graph
    }
}
