import Compute
import Testing

@testable import Network

/// Where each pass rewrites a graph. That what it makes computes the same, `GoldenNetworkTests` and
/// `PassEquivalenceTests` compare.
@Suite struct PassTests {
    private var layers = Layers()

    @Test("A batch normalisation goes into the convolution before it")
    mutating func foldsNormalization() throws {
        var graph = Graph(inputShape: [2, 4, 4])
        let x = graph.append("conv", try layers.convolution(2, 3), graph.input)
        graph.append("bn", try layers.normalization(3), x)
        #expect(try graph.optimizedOperations == ["convolution 1×1/1"])
    }

    @Test("A batch normalisation stays where the convolution is read twice")
    mutating func keepsNormalizationOfSharedValue() throws {
        var graph = Graph(inputShape: [2, 4, 4])
        let x = graph.append("conv", try layers.convolution(2, 2), graph.input)
        let y = graph.append("bn", try layers.normalization(2), x)
        graph.append("sum", .add(.identity), y, x)
        #expect(try graph.optimizedOperations == ["convolution 1×1/1", "batch normalization", "add"])
    }

    @Test("A batch normalisation stays after an activation, a residual, or the network's input")
    mutating func keepsNormalizationElsewhere() throws {
        var graph = Graph(inputShape: [2, 4, 4])
        var x = graph.append("bn1", try layers.normalization(2), graph.input)
        x = graph.append("conv1", try layers.convolution(2, 2, activation: .relu), x)
        x = graph.append("bn2", try layers.normalization(2), x)
        x = graph.append("conv2", try layers.convolution(2, 2, addsResidual: true), x, graph.input)
        graph.append("bn3", try layers.normalization(2), x)
        #expect(
            try graph.optimizedOperations == [
                "batch normalization", "convolution 1×1/1, ReLU", "batch normalization",
                "convolution 1×1/1 + residual", "batch normalization",
            ])
    }

    @Test("Of two batch normalisations in a row the first goes into the convolution")
    mutating func foldsFirstNormalization() throws {
        var graph = Graph(inputShape: [2, 4, 4])
        var x = graph.append("conv", try layers.convolution(2, 3), graph.input)
        x = graph.append("bn1", try layers.normalization(3), x)
        graph.append("bn2", try layers.normalization(3), x)
        #expect(try graph.optimizedOperations == ["convolution 1×1/1", "batch normalization"])
    }

    @Test("Zeros around a map become the padding of every convolution that reads it")
    mutating func foldsPadding() throws {
        var graph = Graph(inputShape: [2, 5, 5])
        let outer = graph.append("outer", .pad(EdgeInsets(top: 1, left: 2)), graph.input)
        let inner = graph.append("inner", .pad(EdgeInsets(bottom: 3, right: 4)), outer)
        let a = graph.append("a", try layers.convolution(2, 2, kernel: 3, padding: 1), inner)
        let b = graph.append("b", try layers.convolution(2, 2, kernel: 3, padding: 1), inner)
        graph.append("sum", .add(.identity), a, b)

        let nodes = try graph.optimized().nodes
        #expect(nodes.map(\.name) == ["a", "b"])
        for node in nodes {
            guard case .convolution(let convolution) = node.operation else { continue }
            #expect(convolution.window.padding == EdgeInsets(top: 2, left: 3, bottom: 4, right: 5))
        }
    }

    @Test("Zeros stay before pooling, which does not see padding as zeros")
    func keepsPaddingBeforePooling() throws {
        for pooling in [Operation.maxPool(Window(kernel: 2)), .averagePool(Window(kernel: 2), countsPadding: false)] {
            var graph = Graph(inputShape: [2, 5, 5])
            let x = graph.append("pad", .pad(EdgeInsets(top: 1)), graph.input)
            graph.append("pool", pooling, x)
            #expect(try graph.optimizedOperations.first == "pad")
        }
    }

    @Test("Zeros stay where something else reads the padded map too")
    mutating func keepsPaddingOfSharedValue() throws {
        var graph = Graph(inputShape: [2, 5, 5])
        let x = graph.append("pad", .pad(EdgeInsets(top: 1)), graph.input)
        graph.append("conv", try layers.convolution(2, 2, addsResidual: true), x, x)
        #expect(try graph.optimizedOperations == ["pad", "convolution 1×1/1 + residual"])

        graph.output = x
        #expect(try graph.optimizedOperations == ["pad"])
    }

    @Test("Pooling one element, flattening a vector, padding by nothing and clamping to everything go away")
    mutating func removesIdentities() throws {
        var graph = Graph(inputShape: [2, 5, 5])
        var x = graph.append("max", .maxPool(Window(kernel: 1)), graph.input)
        x = graph.append("average", .averagePool(Window(kernel: 1), countsPadding: true), x)
        x = graph.append("pad", .pad(EdgeInsets()), x)
        x = graph.append("identity", .activation(.identity), x)
        x = graph.append("clamp", .activation(.clamp(lower: -.infinity, upper: .infinity)), x)
        #expect(try graph.optimizedOperations.isEmpty)
        #expect(try graph.optimized().output == graph.input)

        x = graph.append("flatten", .flatten, x)
        graph.append("again", .flatten, x)
        #expect(try graph.optimizedOperations == ["flatten"])
    }

    @Test("Pooling one element stays where it has a stride or padding")
    func keepsSubsampling() throws {
        for window in [Window(kernel: 1, stride: 2), Window(kernel: 1, padding: 1)] {
            var graph = Graph(inputShape: [2, 5, 5])
            graph.append("pool", .maxPool(window), graph.input)
            #expect(try graph.optimizedOperations.count == 1, "\(window)")
        }
    }

    @Test("An activation goes into the convolution, dense layer or addition before it")
    mutating func fusesActivations() throws {
        var graph = Graph(inputShape: [2, 3, 3])
        let x = graph.append("conv", try layers.convolution(2, 2), graph.input)
        let y = graph.append("conv.relu", .activation(.relu), x)
        let z = graph.append("sum", .add(.identity), y, graph.input)
        let w = graph.append("sum.relu6", .activation(.relu6), z)
        let v = graph.append("dense", try layers.dense(18, 4), w)
        graph.append("dense.clamp", .activation(.clamp(lower: -1, upper: 1)), v)
        #expect(
            try graph.optimizedOperations == ["convolution 1×1/1, ReLU", "add, ReLU6", "dense, clamp [-1.0, 1.0]"])
    }

    @Test("An activation stays where its input is read twice, is the answer, or has an activation already")
    mutating func keepsActivations() throws {
        var graph = Graph(inputShape: [2, 3, 3])
        let x = graph.append("conv", try layers.convolution(2, 2, activation: .relu), graph.input)
        let y = graph.append("relu6", .activation(.relu6), x)
        #expect(try graph.optimizedOperations == ["convolution 1×1/1, ReLU", "activation, ReLU6"])

        graph.append("sum", .add(.identity), x, y)
        #expect(try graph.optimizedOperations == ["convolution 1×1/1, ReLU", "activation, ReLU6", "add"])

        graph.output = x
        #expect(try graph.optimizedOperations == ["convolution 1×1/1, ReLU"])
    }

    @Test("An addition goes into the later of two convolutions, and its activation with it")
    mutating func fusesResiduals() throws {
        for swapped in [false, true] {
            var graph = Graph(inputShape: [2, 3, 3])
            let x = graph.append("earlier", try layers.convolution(2, 2), graph.input)
            let y = graph.append("later", try layers.convolution(2, 2), graph.input)
            graph.append("sum", .add(.relu), inputs: swapped ? [y, x] : [x, y])
            let nodes = try graph.optimized().nodes
            #expect(nodes.map(\.name) == ["earlier", "later"])
            #expect(nodes.last?.inputs == [graph.input, x])
            #expect(nodes.last?.operation.description == "convolution 1×1/1 + residual, ReLU")
        }
    }

    @Test("An addition stays where the other summand comes after the convolution")
    mutating func keepsAdditionOfLaterValue() throws {
        var graph = Graph(inputShape: [2, 3, 3])
        let x = graph.append("conv", try layers.convolution(2, 2), graph.input)
        let y = graph.append("pool", .maxPool(Window(kernel: 3, padding: 1)), graph.input)
        graph.append("sum", .add(.identity), x, y)
        #expect(try graph.optimizedOperations == ["convolution 1×1/1", "max pool 3×3/1", "add"])
    }

    @Test("An addition stays where the convolution has an activation, a residual, another reader, or both summands")
    mutating func keepsAdditions() throws {
        let cases = [
            try layers.convolution(2, 2, activation: .relu), try layers.convolution(2, 2, addsResidual: true),
        ]
        for operation in cases {
            var graph = Graph(inputShape: [2, 3, 3])
            let inputs = operation.description.contains("residual") ? [graph.input, graph.input] : [graph.input]
            let x = graph.append("conv", operation, inputs: inputs)
            graph.append("sum", .add(.identity), x, graph.input)
            #expect(try graph.optimizedOperations.last == "add", "\(operation)")
        }
        var graph = Graph(inputShape: [2, 3, 3])
        let x = graph.append("conv", try layers.convolution(2, 2), graph.input)
        graph.append("double", .add(.identity), x, x)
        #expect(try graph.optimizedOperations == ["convolution 1×1/1", "add"])

        graph.append("join", .add(.identity), x, graph.append("again", .add(.relu), x, graph.input))
        #expect(try graph.optimizedOperations == ["convolution 1×1/1", "add, ReLU", "add"])
    }

    @Test("Flattening goes away where only dense layers read it")
    mutating func foldsFlattening() throws {
        var graph = Graph(inputShape: [2, 3, 3])
        let x = graph.append("flatten", .flatten, graph.input)
        let a = graph.append("a", try layers.dense(18, 4), x)
        let b = graph.append("b", try layers.dense(18, 4), x)
        graph.append("sum", .add(.identity), a, b)
        #expect(try graph.optimizedOperations == ["dense", "dense", "add"])
    }

    @Test("Flattening stays where something else reads it, or it is the answer")
    mutating func keepsFlattening() throws {
        var graph = Graph(inputShape: [2, 3, 3])
        let x = graph.append("flatten", .flatten, graph.input)
        let y = graph.append("dense", try layers.dense(18, 18), x)
        graph.append("sum", .add(.identity), y, x)
        #expect(try graph.optimizedOperations == ["flatten", "dense", "add"])

        graph.output = x
        #expect(try graph.optimizedOperations == ["flatten"])
    }

    @Test("What the answer does not depend on is not computed")
    mutating func removesUnreadNodes() throws {
        var graph = Graph(inputShape: [2, 3, 3])
        let x = graph.append("conv", try layers.convolution(2, 2), graph.input)
        let y = graph.append("relu", .activation(.relu), x)
        graph.append("unread", .maxPool(Window(kernel: 3)), y)
        graph.output = x
        let optimized = try graph.optimized()
        #expect(optimized.nodes.map(\.name) == ["conv"])
        #expect(optimized.output == x)
    }
}
