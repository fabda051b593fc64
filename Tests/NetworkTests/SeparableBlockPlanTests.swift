import Compute
import Testing

@testable import Network

/// Layers that a plan computes together are still layers.
@Suite struct SeparableBlockPlanTests {
    private static let pool = ComputePool(threads: 2)

    /// A convolution, an inverted residual with its addition, and a vector; `count` nodes of them. With a head another
    /// convolution before the vector.
    private func network(nodes count: Int = .max, channels: Int = 8, hasHead: Bool = false) throws -> Graph {
        func tensor(_ shape: [Int]) throws -> Tensor {
            try Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0 * 7 % 23) / 23 - 0.5 })
        }
        var graph = Graph(inputShape: [3, 20, 20], outputName: "result")
        let stem = graph.append(
            "stem",
            .convolution(Convolution(weights: try tensor([channels, 3, 3, 3]), window: Window(kernel: 3, stride: 2))),
            graph.input)
        let layers: [(String, Convolution)] = [
            (
                "expand",
                Convolution(weights: try tensor([24, channels, 1, 1]), window: Window(kernel: 1), activation: .relu6)
            ),
            (
                "depthwise",
                Convolution(
                    weights: try tensor([24, 1, 3, 3]), window: Window(kernel: 3, padding: 1), groups: 24,
                    activation: .relu6)
            ),
            ("project", Convolution(weights: try tensor([channels, 24, 1, 1]), window: Window(kernel: 1))),
        ]
        var value = stem
        for (name, layer) in layers.prefix(max(0, count - 1)) {
            value = graph.append(name, .convolution(layer), value)
        }
        guard count == .max else { return graph }
        value = graph.append("sum", .add(.identity), value, stem)
        if hasHead {
            let weights = try tensor([5, channels, 1, 1])
            value = graph.append(
                "head", .convolution(Convolution(weights: weights, window: Window(kernel: 1))), value)
        }
        graph.append("pool", .globalAveragePool, value)
        return graph
    }

    @Test("each layer can be asked for, and has the bits that it has as a network's answer", arguments: tables)
    func innerLayers(kernels: KernelTable) throws {
        let plan = try Plan(try network(), pool: Self.pool, kernels: kernels)
        #expect(plan.layers.map(\.name) == ["stem", "expand", "depthwise", "project", "pool"])
        let input = (0..<3 * 1200).map { Float($0 % 11) / 11 }
        let names = ["expand", "depthwise", "result"]
        let found = try plan.run(input: input, images: 3, layers: names)
        for (index, count) in [2, 3].enumerated() {
            let shorter = try Plan(try network(nodes: count), pool: Self.pool, kernels: kernels)
            let expected = try shorter.run(input: input, images: 3, layers: ["result"])[0]
            expectIdentical(found[index], expected, "\(kernels.name), \(names[index])")
        }
        expectIdentical(found[2], try plan.run(input: input, images: 3, layers: ["result"])[0], "the others beside it")
    }

    @Test("in bfloat16 a block reads and writes numbers that lie in memory as bfloat16, its inner layers floats")
    func roundedValues() throws {
        let input = (0..<3 * 1200).map { Float($0 % 11) / 11 }
        let names = ["stem", "expand", "depthwise", "project", "result"]
        for kernels in tables where kernels.precisions.contains(.bfloat16) {
            let graph = try network(channels: 16, hasHead: true)
            let options = PlanOptions(precision: .bfloat16)
            let plan = try Plan(graph, pool: Self.pool, kernels: kernels, options: options)
            #expect(plan.rounded == [1, 4], "stem and project, with its addition")
            let found = try plan.run(input: input, images: 3, layers: names)
            let exact = try Plan(graph, pool: Self.pool, kernels: kernels)
            let expected = try exact.run(input: input, images: 3, layers: names)
            for (index, name) in names.enumerated() {
                let largest = expected[index].map(\.magnitude).max() ?? 0
                let worst = zip(found[index], expected[index]).map { ($0 - $1).magnitude }.max() ?? 0
                #expect(worst > 0 && worst <= largest / 64, "\(name): \(worst) of \(largest)")
            }
            for threads in [1, 3] {
                let other = try Plan(graph, pool: ComputePool(threads: threads), kernels: kernels, options: options)
                for image in 0..<3 {
                    let alone = Array(input[image * 1200..<(image + 1) * 1200])
                    let answers = try other.run(input: alone, images: 1, layers: names)
                    for (index, answer) in answers.enumerated() {
                        let range = image * answer.count..<(image + 1) * answer.count
                        expectIdentical(answer, Array(found[index][range]), "\(names[index]), \(threads) threads")
                    }
                }
            }
        }
    }

    @Test("a profile has one line for them, with all their arithmetic")
    func profile() throws {
        let plan = try Plan(try network(), pool: Self.pool, kernels: tables[0])
        let timings = try plan.profile(input: .init(repeating: 1, count: 1200), images: 1, repetitions: 1)
        #expect(timings.map(\.layer.name) == ["stem", "project", "pool"])
        #expect(timings[1].layer.multiplyAdds == 81 * (8 * 24 + 24 * 9 + 24 * 8))
        #expect(timings.reduce(0) { $0 + $1.layer.multiplyAdds } == plan.multiplyAdds)
    }

    @Test("a layer that two read, or that is the answer, is not computed on the way")
    func sharedValues() throws {
        var graph = try network(nodes: 3)
        let depthwise = graph.output
        let squeeze = try Tensor(shape: [4, 24, 1, 1], values: .init(repeating: 1, count: 96))
        let first = graph.append(
            "a", .convolution(Convolution(weights: squeeze, window: Window(kernel: 1))), depthwise)
        let second = graph.append(
            "b", .convolution(Convolution(weights: squeeze, window: Window(kernel: 1))), depthwise)
        graph.append("c", .add(.identity), first, second)
        #expect(graph.separableBlocks() == [1: 1..<3], "expand and depthwise alone")
        var answer = try network(nodes: 4)
        answer.output = answer.nodes[2].output
        #expect(answer.separableBlocks() == [1: 1..<3])
    }
}
