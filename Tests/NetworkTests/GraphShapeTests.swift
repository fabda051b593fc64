import Compute
import Testing

@testable import Network

/// Shapes by the formulas of the convolution lecture (CS231n), `(W − F + 2P) / S + 1` positions along each axis, and
/// the graphs that are refused.
@Suite struct GraphShapeTests {
    private var layers = Layers()

    @Test("A convolution has (W − F + 2P) / S + 1 outputs and (F·F·Ci + 1)·Co parameters")
    mutating func convolution() throws {
        for (side, kernel, stride, padding) in [
            (227, 11, 4, 0), (32, 5, 1, 2), (7, 3, 2, 0), (5, 3, 2, 1), (1, 1, 1, 0),
        ] {
            var graph = Graph(inputShape: [3, side, side])
            let operation = try layers.convolution(3, 10, kernel: kernel, stride: stride, padding: padding)
            let x = graph.append("conv", operation, graph.input)
            let expected = (side - kernel + 2 * padding) / stride + 1
            #expect(try graph.shapes()[x] == [10, expected, expected])
            #expect(operation.parameterCount == (kernel * kernel * 3 + 1) * 10)

            let plan = try Plan(graph, pool: ComputePool(threads: 1), kernels: tables[0])
            #expect(plan.outputShape == [10, expected, expected])
            #expect(plan.multiplyAdds == expected * expected * 10 * kernel * kernel * 3)
        }
    }

    @Test("Pooling, padding, flattening and dense layers have the shapes computed by hand")
    mutating func otherOperations() throws {
        var graph = Graph(inputShape: [4, 7, 9])
        let pooled = graph.append("pool", .maxPool(Window(kernel: 3, stride: 2)), graph.input)
        let padded = graph.append("pad", .pad(EdgeInsets(top: 1, left: 2, bottom: 3, right: 4)), pooled)
        let mean = graph.append("mean", .globalAveragePool, padded)
        let flat = graph.append("flatten", .flatten, padded)
        let dense = graph.append("dense", try layers.dense(280, 6), flat)
        let shapes = try graph.shapes()
        #expect(shapes[pooled] == [4, 3, 4])
        #expect(shapes[padded] == [4, 7, 10])
        #expect(shapes[mean] == [4, 1, 1])
        #expect(shapes[flat] == [280])
        #expect(shapes[dense] == [6])
    }

    @Test(
        "An input of more than eight axes, that is empty, or is too large is refused",
        arguments: [
            [1, 1, 1, 1, 1, 1, 1, 1, 1], [3, 0, 4], [3, -1, -1], [1 << 28, 2, 1], [Int.max, Int.max, 2],
        ])
    func input(shape: [Int]) {
        refused(Graph(inputShape: shape), because: "found shape \(shape)")
    }

    @Test("A node without inputs, or with too many, is refused")
    mutating func inputCount() throws {
        for (operation, count) in [
            (Operation.flatten, 0), (.add(.identity), 1), (.add(.identity), 3), (.softmax(axis: 0), 2),
        ] {
            var graph = Graph(inputShape: [4])
            graph.append("node", operation, inputs: Array(repeating: graph.input, count: count))
            refused(graph, because: "inputs, found \(count)")
        }
        var graph = Graph(inputShape: [2, 3, 3])
        graph.append("node", try layers.convolution(2, 2, addsResidual: true), graph.input)
        refused(graph, because: "it needs 2 inputs, found 1")
    }

    @Test("A value that only a later node makes, or the node itself, is refused")
    mutating func references() throws {
        var other = Graph(inputShape: [4])
        let first = other.append("a", .softmax(axis: 0), other.input)
        let second = other.append("b", .softmax(axis: 0), first)

        var forward = Graph(inputShape: [4])
        forward.append("a", .softmax(axis: 0), second)
        forward.append("b", .softmax(axis: 0), forward.input)
        refused(forward, because: "it reads a value that no earlier node makes")

        var cycle = Graph(inputShape: [4])
        cycle.append("a", .softmax(axis: 0), first)
        refused(cycle, because: "it reads a value that no earlier node makes")

        var missing = Graph(inputShape: [4])
        missing.output = first
        refused(missing, because: "no node makes it")
    }

    @Test("Two nodes of one name are refused")
    func names() {
        var graph = Graph(inputShape: [4])
        graph.append("a", .softmax(axis: 0), graph.append("a", .softmax(axis: 0), graph.input))
        refused(graph, because: "another node has the same name")
    }

    @Test("Weights that do not fit the input are refused with both shapes")
    mutating func weights() throws {
        let dense = try layers.dense(5, 2)
        let convolution = try layers.convolution(3, 2)
        let normalization = try layers.normalization(3)
        for (operation, reason) in [
            (dense, "expected [_, 4]"), (convolution, "its weights read 3 channels, its input has 1"),
            (normalization, "its statistics have shape [3], expected [1]"),
        ] {
            var graph = Graph(inputShape: [1, 2, 2])
            graph.append("node", operation, graph.input)
            refused(graph, because: reason)
        }
    }

    @Test("A bias of another length, a kernel of another size and a residual of another shape are refused")
    mutating func convolutionParts() throws {
        let weights = try layers.tensor(2, 1, 3, 3)
        let window = Window(kernel: 3)
        for (convolution, reason) in [
            (Convolution(weights: weights, bias: try layers.tensor(3), window: window), "its bias has shape [3]"),
            (Convolution(weights: weights, window: Window(kernel: 1)), "expected [_, _, 1, 1]"),
            (Convolution(weights: try layers.tensor(2, 9), window: window), "its weights have shape [2, 9]"),
            (Convolution(weights: weights, window: window, groups: 0), "do not fall into 0 groups"),
            (Convolution(weights: weights, window: window, addsResidual: true), "the residual has shape [1, 4, 4]"),
        ] {
            var graph = Graph(inputShape: [1, 4, 4])
            let inputs = convolution.addsResidual ? [graph.input, graph.input] : [graph.input]
            graph.append("conv", .convolution(convolution), inputs: inputs)
            refused(graph, because: reason)
        }
    }

    @Test("Channels that do not fall into the groups are refused")
    mutating func groups() throws {
        for (groups, outputs) in [(3, 3), (2, 3), (-1, 4), (8, 8)] {
            var graph = Graph(inputShape: [4, 3, 3])
            let convolution = Convolution(
                weights: try layers.tensor(outputs, 1, 1, 1), window: Window(kernel: 1), groups: groups)
            graph.append("conv", .convolution(convolution), graph.input)
            refused(graph, because: "do not fall into \(groups) groups")
        }
    }

    @Test(
        "A window larger than the map, or of extent, stride or padding out of range, is refused",
        arguments: [
            Window(kernel: 5), Window(kernel: 0), Window(kernel: -1), Window(kernel: 2, stride: 0),
            Window(kernel: 2, padding: -1), Window(kernel: 2, padding: Int.max), Window(kernel: Int.max),
            Window(kernelHeight: 2, kernelWidth: 2, dilationHeight: 4),
        ])
    func window(window: Window) {
        for operation in [Operation.maxPool(window), .averagePool(window, countsPadding: false)] {
            var graph = Graph(inputShape: [1, 4, 4])
            graph.append("pool", operation, graph.input)
            refused(graph, because: "does not fit a map of 4×4")
        }
    }

    @Test("Padding that is negative or huge is refused")
    func padding() {
        for insets in [EdgeInsets(left: -1), EdgeInsets(top: 1 << 17), EdgeInsets(bottom: Int.max)] {
            var graph = Graph(inputShape: [1, 4, 4])
            graph.append("pad", .pad(insets), graph.input)
            refused(graph, because: "padding must be from 0 to 65536")
        }
        var graph = Graph(inputShape: [1 << 20, 4, 4])
        graph.append("pad", .pad(EdgeInsets(top: 1 << 16, left: 1 << 16)), graph.input)
        refused(graph, because: "empty or larger")
    }

    @Test("Maps where vectors belong, and vectors where maps belong, are refused")
    mutating func ranks() throws {
        let convolution = try layers.convolution(4, 4)
        for operation in [convolution, .maxPool(Window(kernel: 1)), .globalAveragePool, .pad(EdgeInsets(top: 1))] {
            var graph = Graph(inputShape: [4])
            graph.append("node", operation, graph.input)
            refused(graph, because: "expected a feature map [C, H, W], found shape [4]")
        }
        var graph = Graph(inputShape: [4, 1, 1])
        graph.append("sum", .add(.identity), graph.input, graph.append("flatten", .flatten, graph.input))
        refused(graph, because: "different shapes: [4, 1, 1] and [4]")
    }

    @Test("A refusal names the node and its operation")
    func description() {
        let error = GraphError(node: "conv1", operation: "convolution 3×3/2", reason: "it is wrong")
        #expect("\(error)" == "node 'conv1' (convolution 3×3/2): it is wrong")
    }

    private func refused(_ graph: Graph, because reason: String, sourceLocation: SourceLocation = #_sourceLocation) {
        do throws(GraphError) {
            let shapes = try graph.shapes()
            Issue.record("expected a refusal (\(reason)), found \(shapes)", sourceLocation: sourceLocation)
        } catch {
            #expect(error.reason.contains(reason), sourceLocation: sourceLocation)
        }
    }
}
