import Compute

@testable import Network

extension Layers {
    /// A graph of 4 to 12 random nodes on a small map, often with branches, sometimes ending in dense layers. Every node
    /// is valid; the last one is the output.
    mutating func graph() throws -> Graph {
        let shape = [1 + index(below: 6), 4 + index(below: 6), 4 + index(below: 6)]
        var graph = Graph(inputShape: shape)
        var maps = [(value: graph.input, shape: shape)]
        for node in 0..<(3 + index(below: 8)) {
            // Mostly the newest map, so that the graph is deep.
            let source = index(below: 4) > 0 ? maps[maps.count - 1] : maps[index(below: maps.count)]
            let partners = maps.filter { $0.shape == source.shape && $0.value != source.value }
            let partner = partners.isEmpty ? source.value : partners[index(below: partners.count)].value
            let inputs: [Graph.ValueID]
            let operation: Operation
            switch index(below: 9) {
            case 0, 1:
                operation = try convolution(
                    source.shape[0], 1 + index(below: 20), kernel: 3, stride: 1 + index(below: 2), padding: 1)
                inputs = [source.value]
            case 2:
                // As many channels as it reads, for later additions.
                operation = try convolution(source.shape[0], source.shape[0])
                inputs = [source.value]
            case 3: (operation, inputs) = (try depthwise(source.shape[0], kernel: 3, padding: 1), [source.value])
            case 4: (operation, inputs) = (try normalization(source.shape[0]), [source.value])
            case 5: (operation, inputs) = (.activation(index(below: 2) == 0 ? .relu : .relu6), [source.value])
            case 6: (operation, inputs) = (.add(.identity), [source.value, partner])
            case 7: (operation, inputs) = (.pad(EdgeInsets(top: index(below: 2), right: 1)), [source.value])
            default: (operation, inputs) = (.maxPool(Window(kernel: 3, stride: 1, padding: 1)), [source.value])
            }
            let value = graph.append("node\(node)", operation, inputs: inputs)
            guard let shape = try graph.shapes()[value] else { continue }
            maps.append((value, shape))
        }
        if index(below: 2) == 0 {
            let last = maps[maps.count - 1]
            let flat = graph.append("flatten", .flatten, last.value)
            let hidden = graph.append("hidden", try dense(last.shape.reduce(1, *), 9), flat)
            graph.append("classifier", try dense(9, 4), graph.append("relu", .activation(.relu), hidden))
            if index(below: 2) == 0 { graph.append("probabilities", .softmax(axis: 0), graph.output) }
        }
        return graph
    }
}
