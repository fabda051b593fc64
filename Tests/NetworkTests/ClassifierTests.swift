import Compute
import Testing

@testable import Network

struct ClassifierTests {
    private let pool = ComputePool(threads: 1)

    /// A convolution with normalisation and ReLU6, pooled, then a classifier.
    private func backbone(_ layers: inout Layers) throws -> Graph {
        var graph = Graph(inputShape: [3, 8, 8])
        let x = graph.append("conv", try layers.convolution(3, 6, kernel: 3), graph.input)
        let y = graph.append("conv.normalization", try layers.normalization(6), x)
        let z = graph.append("conv.activation", .activation(.relu6), y)
        let pooled = graph.append("pool", .globalAveragePool, z)
        graph.append("classifier", try layers.dense(6, 4), pooled)
        return graph
    }

    private func run(_ graph: Graph, _ input: [Float], layer: String? = nil) throws -> [Float] {
        let plan = try Plan(graph, pool: pool, kernels: tables[0])
        return try plan.run(input: input, images: 2, layers: [layer ?? plan.outputName])[0]
    }

    private func dense(_ layer: Operation) throws -> Dense {
        guard case .dense(let dense) = layer else { throw GraphError(node: "", operation: "", reason: "not dense") }
        return dense
    }

    @Test(arguments: ["conv", "pool", "classifier", "output"])
    func `a truncated network answers bit for bit what the whole one's layer does`(_ layer: String) throws {
        var layers = Layers()
        let graph = try backbone(&layers)
        let input = layers.images(2, of: graph.inputShape)
        let truncated = try graph.truncated(at: layer)
        #expect(truncated.outputName == layer)
        expectIdentical(try run(truncated, input), try run(graph, input, layer: layer), layer)
        #expect(truncated.nodes.contains { $0.name == "classifier" } == ["classifier", "output"].contains(layer))
    }

    @Test func `a layer that does not exist is named`() throws {
        var layers = Layers()
        let graph = try backbone(&layers)
        #expect { try graph.truncated(at: "conv.normalization") } throws: { "\($0)".contains("conv.normalization") }
    }

    @Test func `a linear head computes the softmax of W x + b on the layer`() throws {
        var layers = Layers()
        let graph = try backbone(&layers)
        let input = layers.images(2, of: graph.inputShape)
        let head = try dense(try layers.dense(6, 3))
        let classifier = try graph.classifying("pool", with: [head])
        #expect(classifier.nodes.map(\.name) == ["conv", "pool", "classifier", "probabilities"])
        let (features, bias) = (try run(graph, input, layer: "pool").map(Double.init), head.bias?.values ?? [])
        let weights = head.weights.values.map(Double.init)
        let expected = (0..<2).flatMap { image in
            let logits = (0..<3).map { k in
                (0..<6).reduce(Double(bias[k])) { $0 + weights[k * 6 + $1] * features[image * 6 + $1] }
            }
            let exponentials = logits.map { exponential($0) }
            return exponentials.map { Float($0 / exponentials.reduce(0, +)) }
        }
        expect(try run(classifier, input), near: expected, "probabilities")
    }

    @Test func `a multilayer perceptron has its hidden layers before the classifier`() throws {
        var layers = Layers()
        let graph = try backbone(&layers)
        let input = layers.images(2, of: graph.inputShape)
        var hidden = try dense(try layers.dense(6, 5))
        hidden.activation = .relu
        let last = try dense(try layers.dense(5, 3))
        let perceptron = try graph.classifying("pool", with: [hidden, last])
        #expect(perceptron.nodes.suffix(3).map(\.name) == ["hidden", "classifier", "probabilities"])
        // The same in two steps.
        var first = try graph.truncated(at: "pool")
        first.append("step", .dense(hidden), first.output)
        first.outputName = "step"
        let features = try run(first, input)
        #expect(features.contains(0), "else ReLU does nothing here")
        var second = Graph(inputShape: [5])
        second.append("softmax", .softmax(axis: 0), second.append("dense", .dense(last), second.input))
        expectIdentical(try run(perceptron, input), try run(second, features), "probabilities")
    }

    @Test func `a head on the old classifier gets names of its own`() throws {
        var layers = Layers()
        let graph = try backbone(&layers).classifying("classifier", with: [try dense(try layers.dense(4, 2))])
        #expect(graph.nodes.map(\.name) == ["conv", "pool", "classifier", "classifier_2", "probabilities"])
        let again = try graph.classifying("probabilities", with: [try dense(try layers.dense(2, 2))])
        #expect(again.outputName == "probabilities_2")
    }

    @Test func `a head of another width is refused with both shapes`() throws {
        var layers = Layers()
        let graph = try backbone(&layers)
        let head = try dense(try layers.dense(7, 3))
        #expect { try graph.classifying("pool", with: [head]) } throws: { error in
            ["classifier", "[3, 7]", "[6, 1, 1]"].allSatisfy("\(error)".contains)
        }
    }

    /// By hand: W = [2 3], b = 1, mean = [10 20], σ = [4 ½]: ½·x₀ + 6·x₁ + 1 − 5 − 120.
    @Test func `standardisation is folded into weights and bias`() throws {
        let dense = Dense(
            weights: try Tensor(shape: [1, 2], values: [2, 3]), bias: try Tensor(shape: [1], values: [1]),
            activation: .relu)
        let mean = try Tensor(shape: [2], values: [10, 20])
        let folded = try dense.standardizing(mean: mean, standardDeviation: try Tensor(shape: [2], values: [4, 0.5]))
        #expect(folded.weights.values == [0.5, 6])
        #expect(folded.bias?.values == [-124])
        #expect(folded.activation == .relu)
        let without = Dense(weights: dense.weights)
        let shifted = try without.standardizing(mean: mean, standardDeviation: Tensor(shape: [2], values: [4, 0.5]))
        #expect(shifted.bias?.values == [-125])
        let short = try Tensor(shape: [1], values: [1])
        #expect(throws: TensorError.countMismatch(shape: [2], expected: 2, found: 1)) {
            try dense.standardizing(mean: mean, standardDeviation: short)
        }
    }

    /// e^x by its series.
    private func exponential(_ x: Double) -> Double {
        var (sum, term) = (1.0, 1.0)
        for n in 1..<40 {
            term *= x / Double(n)
            sum += term
        }
        return sum
    }
}
