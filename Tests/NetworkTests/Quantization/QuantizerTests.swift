import Compute
import Testing

@testable import Network

struct QuantizerTests {
    private let pool = ComputePool(threads: 1)

    /// Two convolutions with a residual, a pool that keeps grids, a mean, a dense layer and a softmax.
    private static func network() throws -> Graph {
        var layers = Layers()
        var graph = Graph(inputName: "x", inputShape: [3, 8, 8], outputName: "y")
        var x = graph.append("first", try layers.convolution(3, 4, activation: .relu), graph.input)
        let pooled = graph.append("pool", .maxPool(Window(kernel: 2, stride: 2)), x)
        x = graph.append("second", try layers.convolution(4, 4), pooled)
        x = graph.append("third", try layers.convolution(4, 4, activation: .relu, addsResidual: true), x, pooled)
        x = graph.append("mean", .globalAveragePool, x)
        x = graph.append("classifier", try layers.dense(4, 5), x)
        graph.append("probabilities", .softmax(axis: 0), x)
        return graph
    }

    private func image(_ seed: Int, count: Int = 192) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -2...2, using: &generator) }
    }

    private func calibrated(_ graph: Graph, images: Int = 8) throws -> Quantizer {
        var quantizer = try Quantizer(graph, pool: pool, kernels: .selected)
        for seed in 0..<images {
            try quantizer.observe(image(seed, count: graph.inputShape.reduce(1, *)))
        }
        return quantizer
    }

    private func observe(_ image: [Float]) throws {
        var quantizer = try Quantizer(try Self.network(), pool: pool, kernels: .selected)
        try quantizer.observe(image)
    }

    /// Names of the values that each node reads.
    private func reads(_ graph: Graph) -> [String: [String]] {
        let names = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.output, $0.name) })
        return Dictionary(
            uniqueKeysWithValues: graph.nodes.map { ($0.name, $0.inputs.map { names[$0] ?? "the input" }) })
    }

    @Test func `everything that layers and residuals read is on one grid, and the answer is not`() throws {
        let graph = try calibrated(try Self.network()).quantized(by: .mse)
        #expect(
            graph.nodes.map(\.name) == [
                "x.rounded", "first", "first.rounded", "pool", "second", "second.rounded", "third", "third.rounded",
                "mean", "mean.rounded", "classifier", "probabilities",
            ])
        let reads = reads(graph)
        #expect(reads["first"] == ["x.rounded"])
        #expect(reads["second"] == ["pool"] && reads["third"] == ["second.rounded", "pool"])
        #expect(reads["pool"] == ["first.rounded"] && reads["mean"] == ["third.rounded"])
        #expect(reads["classifier"] == ["mean.rounded"] && reads["probabilities"] == ["classifier"])
        let zeroPoints = graph.nodes.compactMap { node -> Float? in
            if case .unary(.roundToGrid(let grid)) = node.operation { grid.zeroPoint } else { nil }
        }
        #expect(zeroPoints[0] > 100 && zeroPoints[1] == 0, "after a ReLU 0 is the least")
    }

    @Test func `a wide layer keeps its weights, and what it alone reads is not rounded`() throws {
        let network = try Self.network()
        let graph = try calibrated(network).quantized(by: .mse, wide: ["second"])
        #expect(reads(graph)["second"] == ["pool"], "which the third reads too")
        #expect(graph.nodes.map(\.name).contains("second.rounded"), "the third's residual")
        let alone = try calibrated(network).quantized(by: .mse, wide: ["first", "second", "third"])
        #expect(alone.nodes.map(\.name).filter { $0.hasSuffix("rounded") } == ["third.rounded", "mean.rounded"])
        for (found, expected) in zip(alone.nodes.filter { !$0.name.hasSuffix("rounded") }, network.nodes) {
            guard case .convolution(let layer) = found.operation, case .convolution(let source) = expected.operation
            else { continue }
            #expect(layer.weightScales == nil && layer.weights.values == source.weights.values)
        }
    }

    /// The sums of products of whole numbers, exact, against the network of floats on grids.
    @Test func `a layer answers what integers do`() throws {
        var (layers, graph) = (Layers(), Graph(inputShape: [3, 8, 8]))
        graph.append("layer", try layers.convolution(3, 4), graph.input)
        let quantized = try calibrated(graph).quantized(by: .mse)
        guard case .unary(.roundToGrid(let grid)) = quantized.nodes[0].operation,
            case .convolution(let layer) = quantized.nodes[1].operation
        else {
            Issue.record("\(quantized.nodes.map(\.operation))")
            return
        }
        let scales = try #require(layer.weightScales).values
        let multiples = layer.weights.values.enumerated().map { Int(($1 / scales[$0 / 3]).rounded()) }
        #expect(multiples.allSatisfy { (-127...127).contains($0) } && multiples.contains { abs($0) == 127 })
        let bias = try #require(layer.bias).values.enumerated().map { Int(($1 / (grid.scale * scales[$0])).rounded()) }
        let image = image(99)
        let wholes = image.map { Int(min(max(($0 / grid.scale).rounded(.toNearestOrEven) + grid.zeroPoint, 0), 255)) }
        let plan = try Plan(quantized, pool: pool, kernels: .selected)
        let found = try plan.run([image], layers: [plan.outputName])[0]
        for (index, found) in found.enumerated() {
            let (output, pixel) = index.quotientAndRemainder(dividingBy: 64)
            let sum = (0..<3).reduce(bias[output]) { sum, channel in
                sum + (wholes[3 * pixel + channel] - Int(grid.zeroPoint)) * multiples[3 * output + channel]
            }
            let expected = Double(sum) * Double(grid.scale) * Double(scales[output])
            #expect(abs(Double(found) - expected) <= 1e-5 * max(1, abs(expected)), "\(index)")
        }
    }

    @Test func `weights are rounded to the nearest multiple of a scale for each output`() throws {
        let weights = try Tensor(shape: [3, 2], values: [0.5, -1.27, 0, 0, .leastNonzeroMagnitude, 254])
        let rounded = try QuantizedWeights(weights)
        #expect(rounded.scales.values == [Float(1.27) / 127, 1, 2])
        for (index, (found, exact)) in zip(rounded.weights.values, weights.values).enumerated() {
            #expect(abs(found - exact) <= 0.5001 * rounded.scales.values[index / 2])
        }
    }

    /// The mean of what a layer answers is that of the float32 network, which rounding the weights alone would move.
    @Test func `the bias takes back what rounding the weights adds on average`() throws {
        let weights = try Tensor(shape: [1, 3], values: [1.27, 0.0149, 0.0149])
        let rounded = try QuantizedWeights(weights)
        // Of the second and third, 0.49 steps each.
        #expect(abs(rounded.shift(from: weights, means: [0, 10, 10], groups: 1)[0] - -0.098) < 1e-4)
        let grouped = try QuantizedWeights(try Tensor(shape: [2, 1], values: [1, 2]))
        #expect(grouped.shift(from: grouped.weights, means: [5, 7], groups: 2) == [0, 0])
        let bias = try rounded.bias(nil, less: [-0.098], inputScale: 0.1)
        #expect(abs(try #require(bias).values[0] - 0.098) <= 0.0005)
        #expect(try rounded.bias(nil, less: [0], inputScale: 0.1) == nil)
    }

    @Test func `the layers that hurt most stay in float32 until the target is met`() throws {
        var (layers, graph) = (Layers(), Graph(inputShape: [3, 8, 8]))
        var x = graph.append("good", try layers.convolution(3, 4), graph.input)
        // The last channel, which nothing depends on, is so large that nothing is left of the others.
        let narrow = (0..<16).map { index in index / 4 == 3 ? 5000 : Float(index % 5) - 2 }
        let bad = (0..<16).map { index in index % 4 == 3 ? 0 : Float(index % 7) - 3 }
        for (name, weights) in [("narrow", narrow), ("bad", bad)] {
            x = graph.append(
                name,
                .convolution(
                    Convolution(
                        weights: try Tensor(shape: [4, 4, 1, 1], values: weights), window: Window(kernel: 1))), x)
        }
        x = graph.append("mean", .globalAveragePool, x)
        graph.append("classifier", try layers.dense(4, 5), x)
        let quantizer = try calibrated(graph)
        let images = (100..<104).map { image($0) }
        let all = try quantizer.select(by: .mse, images: images, target: -1)
        #expect(all.wide.isEmpty && all.agreement.meanCosine < 0.9, "\(all.agreement)")
        var steps: [(Int, Int)] = []
        let some = try quantizer.select(by: .mse, images: images, target: 0.99) { steps.append(($0, $1)) }
        #expect(some.wide.first == "bad" && some.wide.count < 4, "\(some.wide)")
        #expect(some.agreement.meanCosine >= 0.99)
        #expect(steps.map(\.0) == Array(1...steps.count) && steps.allSatisfy { $0.0 <= $0.1 })
        let none = try quantizer.select(by: .mse, images: images, target: 1.0000001)
        #expect(none.wide.count == 4 && none.agreement.top1 == 1 && none.agreement.leastCosine > 0.999999)
    }

    @Test(arguments: CalibrationMethod.allCases)
    func `every method answers about as float32`(_ method: CalibrationMethod) throws {
        let quantizer = try calibrated(try Self.network(), images: 16)
        var comparison = try Comparison(of: try quantizer.quantized(by: method), with: quantizer)
        for seed in 50..<60 { try comparison.add(image(seed)) }
        #expect(comparison.agreement.images == 10)
        #expect(comparison.agreement.meanCosine > 0.999, "\(comparison.agreement)")
    }

    @Test func `the cosine and the likeliest class are those of two answers`() {
        var agreement = Agreement()
        agreement.add(answer: [1, 2], expected: [0, 1], features: [3, 4], expectedFeatures: [4, 3])
        agreement.add(answer: [2, 1], expected: [0, 1], features: [0, 0], expectedFeatures: [0, 0])
        #expect(agreement.images == 2 && agreement.top1 == 0.5)
        #expect(abs(agreement.meanCosine - 0.98) < 1e-12 && abs(agreement.leastCosine - 0.96) < 1e-12)
    }

    @Test func `what cannot be quantised is said`() throws {
        var pool = Graph(inputShape: [3, 8, 8])
        pool.append("pool", .globalAveragePool, pool.input)
        #expect(throws: QuantizationError.self) { try calibrated(pool) }
        let quantized = try calibrated(try Self.network()).quantized(by: .mse)
        #expect { _ = try calibrated(quantized) } throws: { "\($0)".contains("'x.rounded' is on a grid") }
        #expect { _ = try calibrated(try Self.network(), images: 0).quantized(by: .mse) } throws: {
            "\($0)".contains("no image")
        }
        let image = [Float](repeating: .nan, count: 192)
        #expect { try observe(image) } throws: { "\($0)".contains("'x'") }
        #expect { try observe([1, 2]) } throws: { "\($0)".contains("192") }
    }

    @Test func `constants, and layers without kernels of integers, stay as they are`() throws {
        var layers = Layers()
        var graph = Graph(inputName: "x", inputShape: [4, 8, 8], outputName: "y")
        var x = graph.append("first", try layers.convolution(4, 4), graph.input)
        let factor = graph.append("factor", .constant(try Tensor(shape: [4, 1, 1], values: [1, 2, 3, 4])))
        x = graph.append("scaled", .binary(.multiply), x, factor)
        let grouped = Convolution(
            weights: try layers.tensor(4, 2, 1, 1), window: Window(kernel: 1), groups: 2)
        x = graph.append("grouped", .convolution(grouped), x)
        graph.append("last", try layers.convolution(4, 4), x)
        let quantizer = try calibrated(graph)
        #expect(quantizer.layers == ["first", "last"])
        let quantized = try quantizer.quantized(by: .mse)
        let reads = reads(quantized)
        #expect(reads["grouped"] == ["scaled"] && reads["last"] == ["grouped.rounded"])
        for node in quantized.nodes where node.name == "grouped" {
            guard case .convolution(let layer) = node.operation else { continue }
            #expect(layer.weightScales == nil && layer.weights.values == grouped.weights.values)
        }
    }
}
