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
}
