import Compute
import Testing

@testable import Network

/// Graphs of tens of thousands of nodes, as an ONNX file may hold. A pass that looks at all nodes for each one of them
/// takes minutes here; one that looks at each node a few times takes less than a second.
@Suite(.timeLimit(.minutes(1))) struct PassScalingTests {
    private var layers = Layers()

    @Test("Every pass takes as long as the graph: 40,500 nodes become 9,000")
    mutating func rewritesAChain() throws {
        let blocks = 4500
        let (padded, pointwise) = (try layers.convolution(1, 1, kernel: 3), try layers.convolution(1, 1))
        let normalization = try layers.normalization(1)
        var graph = Graph(inputShape: [1, 1, 1])
        var x = graph.input
        for block in 0..<blocks {
            let start = x
            x = graph.append("before\(block)", .pad(EdgeInsets(top: 1, left: 1)), x)
            x = graph.append("after\(block)", .pad(EdgeInsets(bottom: 1, right: 1)), x)
            x = graph.append("padded\(block)", padded, x)
            x = graph.append("normalization\(block)", normalization, x)
            x = graph.append("identity\(block)", .maxPool(Window(kernel: 1)), x)
            x = graph.append("relu\(block)", .activation(.relu), x)
            graph.append("unread\(block)", .globalAveragePool, x)
            x = graph.append("pointwise\(block)", pointwise, x)
            x = graph.append("sum\(block)", .add(.identity), x, start)
        }
        let operations = try graph.optimizedOperations
        #expect(operations.count == 2 * blocks)
        #expect(Set(operations) == ["convolution 3×3/1, ReLU", "convolution 1×1/1 + residual"])
    }

    @Test("Paddings in a row add up, for each of the many convolutions that read the last")
    mutating func foldsPaddingBetweenManyNodes() throws {
        let count = 10_000
        let convolution = try layers.convolution(1, 1)
        var graph = Graph(inputShape: [1, 1, 1])
        var x = graph.input
        for index in 0..<count { x = graph.append("pad\(index)", .pad(EdgeInsets(right: 1)), x) }
        let readers = (0..<count).map { graph.append("conv\($0)", convolution, x) }
        var sum = readers[0]
        for (index, reader) in readers.dropFirst().enumerated() {
            sum = graph.append("sum\(index)", .add(.identity), sum, reader)
        }
        let paddings = try graph.optimized().nodes.compactMap { node -> EdgeInsets? in
            guard case .convolution(let convolution) = node.operation else { return nil }
            return convolution.window.padding
        }
        #expect(paddings.count == count)
        #expect(Set(paddings) == [EdgeInsets(right: count)])
    }

    @Test("Flattenings go away in a graph of many, each before its dense layer")
    mutating func foldsManyFlattenings() throws {
        let count = 20_000
        let dense = try layers.dense(1, 1)
        var graph = Graph(inputShape: [1, 1, 1])
        var sum: Graph.ValueID?
        for index in 0..<count {
            let x = graph.append("dense\(index)", dense, graph.append("flatten\(index)", .flatten, graph.input))
            sum = sum.map { graph.append("sum\(index)", .add(.identity), $0, x) } ?? x
        }
        #expect(try Set(graph.optimizedOperations) == ["dense", "add"])
    }
}
