import Compute
import Testing

@testable import Network

/// What must hold for any graph, on 40 seeded random ones.
@Suite struct RandomGraphTests {
    private static let seeds = 0..<40
    private static let pools = [1, 2, 3].map { ComputePool(threads: $0) }

    @Test("A batch of five equals its images alone, bit for bit, on one, two and three threads", arguments: tables)
    func batchesAndThreads(kernels: KernelTable) throws {
        for seed in Self.seeds {
            var layers = Layers(seed: seed)
            let graph = try layers.graph()
            let input = layers.images(5, of: graph.inputShape)
            let reference = try Plan(graph, pool: Self.pools[0], kernels: kernels)
            let numbers = input.count / 5
            var singles: [Float] = []
            for image in 0..<5 {
                let one = Array(input[image * numbers..<(image + 1) * numbers])
                singles += try reference.run(input: one, images: 1, layers: ["output"])[0]
            }
            for pool in Self.pools {
                let plan = try Plan(graph, pool: pool, kernels: kernels)
                let what = "\(kernels.name), seed \(seed), \(pool.threads) threads"
                for images in [5, 2] {
                    let batch = Array(input.prefix(images * numbers))
                    let found = try plan.run(input: batch, images: images, layers: ["output"])[0]
                    expectIdentical(found, singles.prefix(images * singles.count / 5), "\(what), \(images) images")
                }
            }
        }
    }

    @Test("An image computed aside has the same bits, and gives way before each layer", arguments: tables)
    func aside(kernels: KernelTable) throws {
        for seed in Self.seeds {
            var layers = Layers(seed: seed)
            let graph = try layers.graph()
            let input = layers.images(1, of: graph.inputShape)
            let plan = try Plan(graph, pool: Self.pools[1], kernels: kernels)
            var calls = 0
            let found = try plan.runAside(input, layer: "output") { calls += 1 }
            expectIdentical(found, try plan.run(input: input, images: 1, layers: ["output"])[0], "seed \(seed)")
            #expect(calls == plan.steps.count { !$0.isOptional })
            #expect(throws: RunError.self) { try plan.runAside(Array(input.dropLast()), layer: "output") }
        }
    }

    @Test("Layers asked for one by one equal layers asked for together and twice, bit for bit", arguments: [1, 3])
    func layers(threads: Int) throws {
        for seed in Self.seeds {
            var layers = Layers(seed: seed)
            let graph = try layers.graph()
            let input = layers.images(4, of: graph.inputShape)
            let plan = try Plan(graph, pool: Self.pools[threads - 1], kernels: tables[0])
            let names = plan.layers.map(\.name) + [plan.outputName]
            let together = try plan.run(input: input, images: 4, layers: names + names.reversed())
            try #require(together.count == 2 * names.count)
            for (index, name) in names.enumerated() {
                let alone = try plan.run(input: input, images: 4, layers: [name])[0]
                expectIdentical(alone, together[index], "seed \(seed): \(name)")
                expectIdentical(alone, together[together.count - 1 - index], "seed \(seed): \(name) again")
            }
        }
    }

    /// A graph whose every node is the output in turn is computed with fewer fusions each time.
    @Test("What the passes leave computes the same as each node on its own")
    func passes() throws {
        for seed in Self.seeds {
            var layers = Layers(seed: seed)
            let graph = try layers.graph()
            let input = layers.images(1, of: graph.inputShape)
            let plan = try Plan(graph, pool: Self.pools[0], kernels: tables[0])
            let fused = try plan.run(input: input, images: 1, layers: ["output"])[0]
            let single = try graph.runNodeByNode(input, pool: Self.pools[0], kernels: tables[0])
            expect(fused, near: single, "seed \(seed): \(plan.layers.map(\.operation))")
        }
    }
}

extension Graph {
    /// Runs each node as a network of its own, in which no pass finds anything to fuse.
    fileprivate func runNodeByNode(_ input: [Float], pool: ComputePool, kernels: KernelTable) throws -> [Float] {
        let shapes = try shapes()
        // Between nodes in C, H, W order, as plans answer; brought to H, W, C before the next one.
        var values = [self.input: input]
        for node in nodes {
            let inputs = try node.inputs.map { value -> (shape: [Int], numbers: [Float]) in
                guard let shape = shapes[value], let numbers = values[value] else { throw node.error("no input") }
                return (shape, numbers)
            }
            let numbers: [Float]
            if case .add = node.operation {
                numbers = zip(inputs[0].numbers, inputs[1].numbers).map { $0 + $1 }
            } else {
                var single = Graph(inputShape: inputs[0].shape)
                single.append(node.name, node.operation, single.input)
                let plan = try Plan(single, pool: pool, kernels: kernels)
                numbers = try plan.run(input: inputs[0].numbers, images: 1, layers: ["output"])[0]
                    .channelsLast(shapes[node.output] ?? [])
            }
            values[node.output] = numbers
        }
        return (values[output] ?? []).channelsFirst(shapes[output] ?? [])
    }
}

extension [Float] {
    /// From C, H, W to H, W, C order; a vector stays as it is.
    fileprivate func channelsLast(_ shape: [Int]) -> [Float] {
        guard shape.count == 3 else { return self }
        return transposed(rows: shape[0], columns: shape[1] * shape[2])
    }

    /// From H, W, C to C, H, W order; a vector stays as it is.
    fileprivate func channelsFirst(_ shape: [Int]) -> [Float] {
        guard shape.count == 3 else { return self }
        return transposed(rows: shape[1] * shape[2], columns: shape[0])
    }

    private func transposed(rows: Int, columns: Int) -> [Float] {
        (0..<rows * columns).map { self[$0 % rows * columns + $0 / rows] }
    }
}
