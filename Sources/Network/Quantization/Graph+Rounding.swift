import Compute

extension Graph {
    /// The values that must lie on grids for layers to compute with integers: all that convolutions and dense layers read, residuals
    /// too, but those called `wide`; and, where sums, pools and concatenations make such a value, what these read.
    func valuesToRound(wide: Set<String>) -> Set<ValueID> {
        var values: Set<ValueID> = []
        for node in nodes.reversed() where node.readsGrids(wide: wide, isRead: values.contains(node.output)) {
            values.formUnion(node.inputs)
        }
        return values
    }

    /// The graph with each value rounded to its grid behind the node that makes it, for all that read it. A value that is moved, or of
    /// which the largest are kept, stays on its grid; the network's answer is not rounded.
    func rounded(to grids: [ValueID: QuantizationGrid], wide: Set<String>) -> Graph {
        let values = valuesToRound(wide: wide)
        var graph = Graph(inputName: inputName, inputShape: inputShape, outputName: outputName)
        var names = LayerNames(taken: nodes.map(\.name) + [outputName])
        // The values themselves, and what reads one on a grid reads in its place.
        var (plain, rounded) = ([input: graph.input], [ValueID: ValueID]())
        func round(_ value: ValueID, named name: String) {
            guard values.contains(value), let grid = grids[value], let source = plain[value] else { return }
            rounded[value] = graph.append(names.unique("\(name).rounded"), .unary(.roundToGrid(grid)), source)
        }
        round(input, named: inputName)
        for node in nodes {
            let value = graph.append(
                node.name, node.operation, inputs: node.inputs.compactMap { rounded[$0] ?? plain[$0] })
            plain[node.output] = value
            if node.keepsGrid, rounded[node.inputs[0]] != nil {
                rounded[node.output] = value
            } else {
                round(node.output, named: node.name)
            }
        }
        graph.output = plain[output] ?? graph.input
        return graph
    }
}

extension Graph.Node {
    /// Whether it can take integers, and there is a use for them: of a layer without weights, where what it makes is read as such.
    fileprivate func readsGrids(wide: Set<String>, isRead: Bool) -> Bool {
        switch operation {
        case .convolution, .dense: operation.hasIntegerKernel && !wide.contains(name)
        case .maxPool, .flatten, .reshape, .transpose, .averagePool, .globalAveragePool, .add, .concatenate: isRead
        default: false
        }
    }

    /// Whether what it makes of numbers on a grid lies on the same: see ``Graph/grids()``.
    fileprivate var keepsGrid: Bool {
        switch operation {
        case .maxPool, .flatten, .reshape, .transpose: true
        default: false
        }
    }
}
