import Compute
import Testing

@testable import Network

@Suite struct PlanOptionsTests {
    private static let pools = [1, 2, 3].map { ComputePool(threads: $0) }

    private func images(_ count: Int) -> [Float] {
        (0..<count * 1728).map { index -> Float in Float(index * 31 % 97) / 97 - 0.5 }
    }

    /// The largest, of the largest number expected.
    private func difference(_ found: [Float], _ expected: [Float]) -> Float {
        let largest: Float = expected.reduce(1e-9) { max($0, abs($1)) }
        return zip(found, expected).reduce(0) { worst, pair in max(worst, abs(pair.0 - pair.1)) } / largest
    }

    private func network() throws -> Graph {
        func tensor(_ shape: [Int], _ scale: Float) throws -> Tensor {
            let values = (0..<shape.reduce(1, *)).map { index -> Float in scale * (Float(index * 7 % 23) / 23 - 0.5) }
            return try Tensor(shape: shape, values: values)
        }
        var graph = Graph(inputShape: [3, 24, 24])
        let window = Window(kernel: 3, padding: 1)
        let stem = graph.append(
            "stem", .convolution(Convolution(weights: try tensor([20, 3, 3, 3], 0.5), window: window)), graph.input)
        let middle = graph.append(
            "middle",
            .convolution(
                Convolution(
                    weights: try tensor([40, 20, 3, 3], 0.2), bias: try tensor([40], 1), window: window,
                    activation: .relu)), stem)
        graph.append("pool", .globalAveragePool, middle)
        return graph
    }

    @Test("sums that are not exact differ by rounding, and have the same bits in any batch, on any number of threads")
    func winograd() throws {
        let input = images(4)
        for kernels in tables {
            let exact = try Plan(
                try network(), pool: Self.pools[0], kernels: kernels, options: PlanOptions(isExact: true))
            #expect(!exact.layers.contains { $0.kernel.contains("winograd") })
            let expected = try exact.run(input: input, images: 4, layers: ["middle"])[0]
            var first: [Float]?
            for pool in Self.pools {
                let plan = try Plan(try network(), pool: pool, kernels: kernels)
                #expect(plan.layers.map { $0.kernel.contains("winograd") } == [false, true, false])
                let found = try plan.run(input: input, images: 4, layers: ["middle"])[0]
                #expect(difference(found, expected) <= 1e-4, "\(kernels.name)")
                #expect(found != expected)
                expectIdentical(found, first ?? found, "\(kernels.name), \(pool.threads) threads")
                first = found
                let alone = try plan.run(input: Array(input.prefix(1728)), images: 1, layers: ["middle"])[0]
                expectIdentical(alone, Array(found.prefix(alone.count)), "\(kernels.name), alone")
            }
        }
    }

    @Test("bfloat16 differs by its rounding, where there is such arithmetic, and is refused where there is none")
    func bfloat16() throws {
        let input = images(1)
        for kernels in tables {
            let options = PlanOptions(precision: .bfloat16)
            guard kernels.precisions.contains(.bfloat16) else {
                #expect(throws: GraphError.self) {
                    try Plan(try network(), pool: Self.pools[0], kernels: kernels, options: options)
                }
                continue
            }
            let exact = try Plan(try network(), pool: Self.pools[0], kernels: kernels)
            let rounded = try Plan(try network(), pool: Self.pools[0], kernels: kernels, options: options)
            let expected = try exact.run(input: input, images: 1, layers: ["middle"])[0]
            let found = try rounded.run(input: input, images: 1, layers: ["middle"])[0]
            #expect(difference(found, expected) <= 0.02)
            #expect(found != expected)
        }
    }

    /// Four convolutions one after another; with two poolings that read the first ones' maps too.
    private func products(pooling: Bool) throws -> Graph {
        func tensor(_ shape: [Int]) throws -> Tensor {
            try Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0 * 7 % 23) / 92 - 0.12 })
        }
        var graph = Graph(inputShape: [3, 24, 24], outputName: "answer")
        let window = Window(kernel: 1)
        let stem = graph.append(
            "stem", .convolution(Convolution(weights: try tensor([20, 3, 1, 1]), window: window)), graph.input)
        let wide = graph.append(
            "wide",
            .convolution(Convolution(weights: try tensor([40, 20, 1, 1]), window: window, activation: .relu)), stem)
        let second = graph.append(
            "second",
            .convolution(
                Convolution(
                    weights: try tensor([16, 40, 3, 3]), window: Window(kernel: 3, stride: 2, padding: 1),
                    activation: .relu)), wide)
        if pooling { graph.append("pool", .globalAveragePool, stem) }
        if pooling { graph.append("pool2", .globalAveragePool, wide) }
        graph.append("last", .convolution(Convolution(weights: try tensor([11, 16, 1, 1]), window: window)), second)
        return graph
    }

    @Test("what only bfloat16 products read is stored as it is read: no bit of the answer changes")
    func roundedValues() throws {
        let input = images(2)
        for kernels in tables where kernels.precisions.contains(.bfloat16) {
            let options = PlanOptions(precision: .bfloat16)
            let plan = try Plan(try products(pooling: false), pool: Self.pools[1], kernels: kernels, options: options)
            #expect(plan.rounded == [1, 2, 3], "stem, wide and second")
            var graph = try products(pooling: true)
            graph.outputName = "answer"
            // Read by the poolings that follow, stem and wide stay floats.
            let sums = graph.nodes.filter { $0.name.hasPrefix("pool") }.map(\.output)
            let last = graph.output
            let both = graph.append("both", .concatenate(axis: 0), inputs: sums)
            let flat = graph.append("flat", .reduce(.mean, axes: [1, 2]), last)
            graph.append(
                "joined", .concatenate(axis: 0), inputs: [both, graph.append("r", .reshape([11, 1, 1]), flat)])
            let wider = try Plan(graph, pool: Self.pools[1], kernels: kernels, options: options)
            #expect(wider.rounded == [3])
            let names = ["stem", "wide", "second", "last"]
            let found = try plan.run(input: input, images: 2, layers: names)
            let expected = try wider.run(input: input, images: 2, layers: names)
            expectIdentical(found[3], expected[3], "\(kernels.name), last")
            expectIdentical(found[2], expected[2], "\(kernels.name), second")
            for (index, name) in names.prefix(2).enumerated() {
                // To the nearest of 8 bits.
                let pairs = zip(found[index], expected[index])
                #expect(pairs.allSatisfy { abs($0 - $1) <= abs($1) * 0x1p-8 }, "\(name)")
                #expect(found[index] != expected[index], "\(name)")
            }
        }
    }
}
