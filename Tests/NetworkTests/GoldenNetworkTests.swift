import Compute
import Testing

@testable import Network

/// Whole small networks against PyTorch, after all passes, on every kernel table.
@Suite struct GoldenNetworkTests {
    @Test("A residual block with a strided shortcut answers what PyTorch answers", arguments: tables)
    func residual(kernels: KernelTable) throws {
        let golden = try GoldenNetwork.named("residual")
        var graph = golden.graph()
        let down = try golden.normalized("down", graph.input, stride: 2, in: &graph)
        let a = try golden.normalized("a", graph.input, stride: 2, padding: 1, in: &graph)
        let b = try golden.normalized("b", graph.append("a.relu", .activation(.relu), a), padding: 1, in: &graph)
        let sum = graph.append("sum", .add(.identity), b, down)
        let block = graph.append("block", .activation(.relu), sum)
        let c = try golden.normalized("c", block, padding: 1, in: &graph)
        graph.append("last.relu", .activation(.relu), graph.append("last", .add(.identity), block, c))

        #expect(
            try graph.optimizedOperations == [
                "convolution 1×1/2", "convolution 3×3/2, ReLU", "convolution 3×3/1 + residual, ReLU",
                "convolution 3×3/1 + residual, ReLU",
            ])
        try golden.check(graph, layers: ["block": "b"], kernels: kernels)
    }

    @Test("Asymmetric padding, a depthwise and a pointwise convolution answer what PyTorch answers", arguments: tables)
    func separable(kernels: KernelTable) throws {
        let golden = try GoldenNetwork.named("separable")
        var graph = golden.graph()
        let padded = graph.append("pad", .pad(EdgeInsets(bottom: 1, right: 1)), graph.input)
        let depthwise = Convolution(
            weights: try golden.tensor("depthwise.weight"), bias: try golden.tensor("depthwise.bias"),
            window: Window(kernel: 3, stride: 2), groups: 5)
        let x = graph.append("depthwise", .convolution(depthwise), padded)
        let y = graph.append("depthwise.relu6", .activation(.relu6), x)
        let z = try golden.normalized("pointwise", y, in: &graph)
        graph.append("pointwise.relu6", .activation(.relu6), z)

        #expect(
            try graph.optimizedOperations == ["depthwise convolution 3×3/2, ReLU6", "convolution 1×1/1, ReLU6"])
        try golden.check(graph, layers: ["depthwise": "depthwise"], kernels: kernels)
    }

    @Test("Pooling with padding, counted or not, answers what PyTorch answers", arguments: tables)
    func pooling(kernels: KernelTable) throws {
        let golden = try GoldenNetwork.named("pooling")
        var graph = golden.graph()
        var x = graph.append("largest", .maxPool(Window(kernel: 3, stride: 2, padding: 1)), graph.input)
        x = graph.append("counted", .averagePool(Window(kernel: 3, padding: 1), countsPadding: true), x)
        x = graph.append("uncounted", .averagePool(Window(kernel: 3, stride: 2, padding: 1), countsPadding: false), x)
        x = graph.append("pad", .pad(EdgeInsets(top: 1, left: 1, bottom: 1, right: 1)), x)
        graph.append("last", .maxPool(Window(kernel: 2)), x)

        let layers = ["largest": "largest", "counted": "counted", "uncounted": "uncounted"]
        try golden.check(graph, layers: layers, kernels: kernels)
    }

    @Test("Flattening, two dense layers and a softmax answer what PyTorch answers", arguments: tables)
    func perceptron(kernels: KernelTable) throws {
        let golden = try GoldenNetwork.named("perceptron")
        var graph = golden.graph()
        var x = graph.append("flatten", .flatten, graph.input)
        x = graph.append("hidden", try golden.dense("hidden"), x)
        x = graph.append("hidden.relu", .activation(.relu), x)
        x = graph.append("logits", try golden.dense("classifier"), x)
        graph.append("probabilities", .softmax(axis: 0), x)

        #expect(try graph.optimizedOperations == ["dense, ReLU", "dense", "softmax"])
        try golden.check(graph, layers: ["hidden": "hidden", "logits": "logits"], kernels: kernels)
    }

    @Test(
        "A value read twice, the mean of each channel and a dense layer answer what PyTorch answers", arguments: tables)
    func pooled(kernels: KernelTable) throws {
        let golden = try GoldenNetwork.named("pooled")
        var graph = golden.graph()
        let window = Window(
            kernelHeight: 3, kernelWidth: 2, dilationHeight: 2, padding: EdgeInsets(top: 1, bottom: 1))
        let convolution = Convolution(
            weights: try golden.tensor("conv.weight"), bias: try golden.tensor("conv.bias"), window: window)
        let convolved = graph.append("conv", .convolution(convolution), graph.input)
        let normalized = graph.append("bn", try golden.normalization("bn"), convolved)
        let clamped = graph.append("clamp", .activation(.clamp(lower: -1, upper: 0.5)), normalized)
        let sum = graph.append("sum", .add(.identity), normalized, clamped)
        let mean = graph.append("mean", .globalAveragePool, sum)
        graph.append("classifier", try golden.dense("classifier"), graph.append("flatten", .flatten, mean))

        try golden.check(graph, layers: ["mean": "mean"], kernels: kernels)
    }
}

extension GoldenNetwork {
    func graph() -> Graph { Graph(inputShape: [Int](input.shape.dropFirst())) }

    func normalization(_ prefix: String) throws -> Operation {
        .batchNormalization(
            BatchNormalization(
                scale: try tensor("\(prefix).weight"), bias: try tensor("\(prefix).bias"),
                mean: try tensor("\(prefix).running_mean"), variance: try tensor("\(prefix).running_var"),
                epsilon: 1e-3))
    }

    /// A convolution without bias and its normalisation.
    func normalized(
        _ name: String, _ input: Graph.ValueID, stride: Int = 1, padding: Int = 0, in graph: inout Graph
    ) throws -> Graph.ValueID {
        let weights = try tensor("\(name).weight")
        let window = Window(kernel: weights.shape[2], stride: stride, padding: padding)
        let convolved = graph.append(name, .convolution(Convolution(weights: weights, window: window)), input)
        return graph.append("\(name).bn", try normalization("\(name).bn"), convolved)
    }

    func dense(_ name: String) throws -> Operation {
        .dense(Dense(weights: try tensor("\(name).weight"), bias: try tensor("\(name).bias")))
    }

    /// Compares the output and `layers`, from PyTorch's name to the plan's.
    func check(_ graph: Graph, layers: [String: String], kernels: KernelTable) throws {
        let plan = try Plan(graph, pool: ComputePool(threads: 2), kernels: kernels)
        let names = layers.merging(["output": plan.outputName]) { first, _ in first }
        let (golden, found) = (names.keys.sorted(), names.keys.sorted().compactMap { names[$0] })
        let answers = try plan.run(input: images, images: input.shape[0], layers: found)
        for (name, answer) in zip(golden, answers) {
            expect(answer, near: outputs[name]?.values ?? [], "\(kernels.name): \(name)")
        }
    }
}
