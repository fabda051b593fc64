import Compute
import Testing

@testable import Network

/// Networks on grids are computed with whole numbers, and answer what their definition in real numbers says.
@Suite struct QuantizedPlanTests {
    private static let pools = [1, 2, 3].map { ComputePool(threads: $0) }

    /// Layers that are whole multiples of `scale`, one for each output.
    private struct Builder {
        var generator = SeededGenerator(seed: 5)
        /// Without scales nobody knows that the weights are on a grid: they are multiplied as real numbers.
        let hasScales: Bool
        var graph = Graph(inputShape: [3, 19, 23], outputName: "answer")

        init(hasScales: Bool) { self.hasScales = hasScales }

        mutating func weights(_ shape: [Int], step: Float) throws -> (Tensor, Tensor?) {
            let scales = (0..<shape[0]).map { step * (1 + Float($0 % 5)) }
            let count = shape.dropFirst().reduce(1, *)
            let values = generator.floats(shape[0] * count).enumerated().map { index, x in
                (x * 127).rounded() * scales[index / count]
            }
            return (
                try Tensor(shape: shape, values: values),
                hasScales ? try Tensor(shape: [shape[0]], values: scales) : nil
            )
        }

        mutating func convolution(
            _ name: String, _ inputs: Graph.ValueID..., from channels: Int, to outputs: Int, window: Window,
            groups: Int = 1, activation: Activation = .identity, step: Float
        ) throws -> Graph.ValueID {
            let shape = [outputs, channels / groups, window.kernelHeight, window.kernelWidth]
            let (weights, scales) = try weights(shape, step: step)
            let bias = try Tensor(shape: [outputs], values: generator.floats(outputs))
            return graph.append(
                name,
                .convolution(
                    Convolution(
                        weights: weights, weightScales: scales, bias: bias, window: window, groups: groups,
                        activation: activation, addsResidual: inputs.count > 1)), inputs: inputs)
        }

        mutating func round(_ name: String, _ value: Graph.ValueID, scale: Float, zeroPoint: Float) -> Graph.ValueID {
            // One of int8, the others of uint8.
            let lower: Float = name == "int8" ? -128 : 0
            let grid = QuantizationGrid(scale: scale, zeroPoint: zeroPoint, lower: lower, upper: lower + 255)
            return graph.append(name, .unary(.roundToGrid(grid)), value)
        }
    }

    /// A stem with padding, max pooling, an inverted residual, residual additions of bytes and of floats, an addition, a layer
    /// that stays float, pooling and a dense layer.
    private func network(hasScales: Bool = true) throws -> Graph {
        var build = Builder(hasScales: hasScales)
        let window = Window(kernel: 3, padding: 1)
        let image = build.round("image", build.graph.input, scale: 0.01, zeroPoint: 121)
        var x = try build.convolution(
            "stem", image, from: 3, to: 20, window: Window(kernel: 3, stride: 2, padding: 1), activation: .relu6,
            step: 0.004)
        x = build.round("stem8", x, scale: 6 / 255, zeroPoint: 0)
        x = build.graph.append("pool", .maxPool(Window(kernel: 3, stride: 1, padding: 1)), x)
        let skip = x
        x = try build.convolution(
            "expand", x, from: 20, to: 70, window: Window(kernel: 1), activation: .relu, step: 5e-5)
        x = build.round("expand8", x, scale: 0.013, zeroPoint: 3)
        x = try build.convolution(
            "depthwise", x, from: 70, to: 70, window: Window(kernel: 5, padding: 2), groups: 70, step: 2e-4)
        x = build.round("int8", x, scale: 0.02, zeroPoint: -7)
        let projected = try build.convolution(
            "project", x, skip, from: 70, to: 20, window: Window(kernel: 1), step: 2e-4)
        let sum = build.round("sum8", projected, scale: 0.05, zeroPoint: 100)
        let wide = build.graph.append("wide", .activation(.clamp(lower: -2, upper: 4)), sum)
        x = try build.convolution("second", sum, wide, from: 20, to: 20, window: window, step: 2e-5)
        x = build.round("second8", x, scale: 0.04, zeroPoint: 110)
        x = build.graph.append("add", .add(.relu), x, sum)
        x = build.round("add8", x, scale: 0.05, zeroPoint: 0)
        x = try build.convolution(
            "down", x, from: 20, to: 20, window: Window(kernel: 3, stride: 2, padding: 1), groups: 20, step: 1e-4)
        x = build.round("down8", x, scale: 0.03, zeroPoint: 128)
        x = build.graph.append("mean", .globalAveragePool, x)
        x = build.round("mean8", x, scale: 0.02, zeroPoint: 128)
        let (weights, scales) = try build.weights([11, 20], step: 1e-4)
        build.graph.append("answers", .dense(Dense(weights: weights, weightScales: scales)), x)
        return build.graph
    }

    private static let images = (0..<4 * 1311).map { index -> Float in Float(index * 31 % 997) / 400 - 1.2 }

    @Test("each layer answers what its definition in real numbers says, rounded and before", arguments: tables)
    func layers(kernels: KernelTable) throws {
        let plan = try Plan(try network(), pool: Self.pools[1], kernels: kernels)
        let real = try Plan(try network(hasScales: false), pool: Self.pools[0], kernels: kernels)
        #expect(
            plan.layers.filter { $0.kernel.hasPrefix("i8_") }.count == 13, "six layers and their roundings, and one")
        #expect(!real.layers.contains { $0.kernel.hasPrefix("i8_") })
        let names = plan.layers.map(\.name)
        let found = try plan.run(input: Self.images, images: 4, layers: names)
        let expected = try real.run(input: Self.images, images: 4, layers: names)
        for (index, name) in names.enumerated() {
            // A number half-way between two others may go to either of them.
            expect(found[index], near: expected[index], within: name.hasSuffix("8") ? 0.01 : 0.005, name)
            #expect(Set(found[index]).count > 5, "\(name) says something")
            let different = zip(found[index], expected[index]).count { abs($0 - $1) > 1e-3 }
            #expect(different <= found[index].count / 50, "\(name): \(different)")
        }
    }

    @Test("the same bits in any batch, on any number of threads", arguments: tables)
    func batches(kernels: KernelTable) throws {
        var first: [Float]?
        for pool in Self.pools {
            let plan = try Plan(try network(), pool: pool, kernels: kernels)
            let found = try plan.run(input: Self.images, images: 4, layers: ["answer"])[0]
            expectIdentical(found, first ?? found, "\(kernels.name), \(pool.threads) threads")
            first = found
            let alone = try plan.run(input: Array(Self.images.suffix(1311)), images: 1, layers: ["answer"])[0]
            expectIdentical(alone, found.suffix(11), "\(kernels.name), alone")
        }
    }

    @Test("all instruction sets find the same sums")
    func tablesAgree() throws {
        let answers = try tables.map { kernels in
            try Plan(try network(), pool: Self.pools[0], kernels: kernels)
                .run(input: Self.images, images: 4, layers: ["answer"])[0]
        }
        for answer in answers { expect(answer, near: answers[0], within: 1e-5, "answer") }
    }

    @Test("weights of 8 bits take a quarter of the memory")
    func memory() throws {
        var build = Builder(hasScales: true)
        let image = build.round("image", build.graph.input, scale: 0.01, zeroPoint: 121)
        let (weights, scales) = try build.weights([2000, 1311], step: 1e-4)
        build.graph.append("answers", .dense(Dense(weights: weights, weightScales: scales)), image)
        _ = build.round("rounded", build.graph.output, scale: 1, zeroPoint: 128)
        let plan = try Plan(build.graph, pool: Self.pools[0], kernels: tables[0])
        #expect(plan.bytes > 2000 * 1311 && plan.bytes < 2000 * 1311 * 2)
        #expect(plan.parameterCount == 2000 * 1311)
    }

    @Test(
        "scales that no number can be divided by leave a layer in real numbers",
        arguments: [0, -1, Float.nan, .infinity])
    func badScales(scale: Float) throws {
        var build = Builder(hasScales: true)
        let image = build.round("image", build.graph.input, scale: 0.01, zeroPoint: 121)
        let (weights, _) = try build.weights([4, 1311], step: 1e-4)
        let scales = try Tensor(shape: [4], values: [1, 1, scale, 1])
        build.graph.append("answers", .dense(Dense(weights: weights, weightScales: scales)), image)
        let plan = try Plan(build.graph, pool: Self.pools[0], kernels: tables[0])
        #expect(plan.layers.last?.kernel.hasPrefix("f32_") == true)
    }

    @Test("a profile has one line for a layer and its rounding")
    func profile() throws {
        let plan = try Plan(try network(), pool: Self.pools[0], kernels: tables[0])
        let timings = try plan.profile(input: Array(Self.images.prefix(1311)), images: 1, repetitions: 1)
        #expect(timings.map(\.layer.name).contains("depthwise") == false)
        #expect(timings.reduce(0) { $0 + $1.layer.multiplyAdds } == plan.multiplyAdds)
        #expect(timings.contains { $0.layer.name == "int8" && $0.layer.multiplyAdds == 10 * 12 * 70 * 25 })
    }

    @Test("one rounding after another, each to its own grid", arguments: tables)
    func successiveRoundings(kernels: KernelTable) throws {
        var build = Builder(hasScales: true)
        var x = build.round("fine", build.graph.input, scale: 0.01, zeroPoint: 121)
        // No number of the first lies half-way between two of the second.
        x = build.round("coarse", x, scale: 0.47, zeroPoint: 3)
        let weights = try build.weights([4, 1311], step: 1e-4)
        build.graph.append("answers", .dense(Dense(weights: weights.0, weightScales: weights.1)), x)
        let plan = try Plan(build.graph, pool: Self.pools[0], kernels: kernels)
        let found = try plan.run(input: Self.images, images: 4, layers: ["fine", "coarse"])
        for (fine, coarse) in zip(found[0], found[1]) {
            let whole = min(max((fine / 0.47).rounded(.toNearestOrEven) + 3, 0), 255)
            #expect(coarse == (whole - 3) * 0.47)
        }
        #expect(plan.layers.last?.kernel.hasPrefix("i8_") == true, "it reads the coarse bytes")
    }

    @Test("layers of floats between bytes, for a whole batch, in either precision")
    func floatsAmongBytes() throws {
        for kernels in tables {
            for precision in kernels.precisions {
                var build = Builder(hasScales: true)
                var x = build.graph.append(
                    "first", .dense(Dense(weights: try build.weights([432, 1311], step: 1e-4).0)), build.graph.input)
                x = build.graph.append("map", .reshape([12, 6, 6]), x)
                x = build.round("rounded", x, scale: 0.05, zeroPoint: 128)
                let wide = Window(kernel: 1)
                for (name, to) in [("a", 16), ("b", 10)] {
                    let from = name == "a" ? 12 : 16
                    x = build.graph.append(
                        name,
                        .convolution(
                            Convolution(weights: try build.weights([to, from, 1, 1], step: 1e-3).0, window: wide)), x)
                }
                build.graph.append("answers", .globalAveragePool, x)
                let options = PlanOptions(precision: precision)
                let plan = try Plan(build.graph, pool: Self.pools[1], kernels: kernels, options: options)
                let together = try plan.run(input: Self.images, images: 4, layers: ["answer"])[0]
                for image in 0..<4 {
                    let alone = try plan.run(
                        input: Array(Self.images[image * 1311..<(image + 1) * 1311]), images: 1, layers: ["answer"])[0]
                    expectIdentical(together[image * 10..<image * 10 + 10], alone, "\(kernels.name), image \(image)")
                }
            }
        }
    }

    @Test("a bias too large for its grid saturates at the upper end", arguments: tables)
    func saturation(kernels: KernelTable) throws {
        let window = Window(kernel: 3, padding: 1)
        // What integers hold in units of the grid, and what they do not.
        for (groups, bias) in [(1, Float(1e6)), (3, 1e6), (1, -1e6), (3, -1e6), (1, 1e20), (3, -1e20)] {
            var build = Builder(hasScales: true)
            let image = build.round("image", build.graph.input, scale: 0.01, zeroPoint: 121)
            let (weights, scales) = try build.weights([3, 3 / groups, 3, 3], step: 1e-3)
            let x = build.graph.append(
                "layer",
                .convolution(
                    Convolution(
                        weights: weights, weightScales: scales,
                        bias: try Tensor(shape: [3], values: [bias, bias, bias]), window: window, groups: groups)),
                image)
            _ = build.round("layer8", x, scale: 0.01, zeroPoint: 100)
            let plan = try Plan(build.graph, pool: Self.pools[0], kernels: kernels)
            let found = try plan.run(input: Array(Self.images.prefix(1311)), images: 1, layers: ["layer8"])[0]
            let end = (bias > 0 ? Float(155) : -100) * 0.01
            #expect(found.allSatisfy { $0 == end }, "\(kernels.name), \(groups) groups: \(found.prefix(3))")
        }
    }

    @Test("values far beyond their grid saturate at its ends", arguments: tables)
    func fineGrid(kernels: KernelTable) throws {
        // 32 bits hold them, and do not.
        for (groups, scale) in [(1, Float(1e-6)), (3, 1e-6), (1, 1e-11), (3, 1e-11)] {
            var build = Builder(hasScales: true)
            let image = build.round("image", build.graph.input, scale: 0.01, zeroPoint: 121)
            let (weights, scales) = try build.weights([3, 3 / groups, 3, 3], step: 1e-3)
            let convolution = Convolution(
                weights: weights, weightScales: scales, window: Window(kernel: 3, padding: 1), groups: groups)
            let x = build.graph.append("layer", .convolution(convolution), image)
            _ = build.round("layer8", x, scale: scale, zeroPoint: 100)
            let plan = try Plan(build.graph, pool: Self.pools[0], kernels: kernels)
            let found = try plan.run(
                input: Array(Self.images.prefix(1311)), images: 1, layers: ["layer", "layer8"])
            #expect(found[0].contains { $0 > 0.1 } && found[0].contains { $0 < -0.1 })
            for (real, rounded) in zip(found[0], found[1]) where abs(real) > max(1e-5, 1000 * scale) {
                #expect(rounded == (real > 0 ? 155 : -100) * scale, "\(kernels.name), \(groups) groups: \(real)")
            }
        }
    }

    @Test("what is no number leaves a layer in real numbers")
    func notANumber() throws {
        let wrong: [(bias: Float, activation: Activation, scale: Float)] = [
            (.nan, .identity, 0.01), (.infinity, .identity, 0.01), (0, .clamp(lower: .nan, upper: 1), 0.01),
            (0, .identity, 1e-35),
        ]
        for (bias, activation, scale) in wrong {
            var build = Builder(hasScales: true)
            let image = build.round("image", build.graph.input, scale: 0.01, zeroPoint: 121)
            let (weights, scales) = try build.weights([1, 3, 1, 1], step: 1e-3)
            let x = build.graph.append(
                "layer",
                .convolution(
                    Convolution(
                        weights: weights, weightScales: scales, bias: try Tensor(shape: [1], values: [bias]),
                        window: Window(kernel: 1), activation: activation)), image)
            _ = build.round("layer8", x, scale: scale, zeroPoint: 100)
            let plan = try Plan(build.graph, pool: Self.pools[0], kernels: tables[0])
            #expect(plan.layers[1].kernel.hasPrefix("f32_") || scale < 0.01, "\(bias), \(activation)")
            _ = try plan.run(input: Array(Self.images.prefix(1311)), images: 1, layers: ["layer8"])
        }
    }
}
