import Compute
import Testing

/// A block equals its layers one after another, which have their own tests: in float32 bit for bit, in bfloat16 with all numbers
/// rounded between them.
@Suite struct SeparableBlockTests {
    struct Block: CustomTestStringConvertible, Sendable {
        var map: FeatureMap
        var expansion: Int?
        var window: Window
        var projection: Int?
        var hasResidual = false

        var testDescription: String { "\(map), \(expansion ?? 0), \(window), \(projection ?? 0)" }
    }

    static let blocks: [Block] = (0..<40).map { seed in
        var random = SeededGenerator(seed: seed)
        let kernel = [1, 2, 3, 3, 3, 5, 5, 7].randomElement(using: &random) ?? 3
        var window = Window(kernel: kernel, stride: .random(in: 1...3, using: &random))
        window.padding = EdgeInsets(
            top: .random(in: 0..<kernel, using: &random), left: .random(in: 0..<kernel, using: &random),
            bottom: .random(in: 0..<kernel, using: &random), right: .random(in: 0..<kernel, using: &random))
        return Block(
            map: FeatureMap(
                height: .random(in: 7...40, using: &random), width: .random(in: 7...40, using: &random),
                channels: .random(in: 1...40, using: &random)),
            expansion: seed % 5 == 0 ? nil : .random(in: 1...150, using: &random), window: window,
            projection: seed % 7 == 0 ? nil : .random(in: 1...70, using: &random), hasResidual: seed % 2 == 0)
    }

    private struct Layers {
        let block: SeparableBlock
        let expanded: [Float]
        let filtered: [Float]
        let projected: [Float]
        let input: [Float]
        let residual: [Float]?

        func made(by stage: SeparableBlock.Stage) -> [Float] {
            switch stage {
            case .expansion: expanded
            case .depthwise: filtered
            case .projection: projected
            }
        }
    }

    /// The block, and what its layers make by themselves, in float32.
    private func layers(
        _ shape: Block, precision: Precision = .float32, formats: NumberFormats = NumberFormats(), kernels: KernelTable
    ) throws -> Layers {
        func rounded(_ values: [Float]) -> [Float] {
            precision == .float32 ? values : values.map(\.roundedToBFloat16)
        }
        func rounded(_ tensor: Tensor) throws -> Tensor {
            try Tensor(shape: tensor.shape, values: rounded(tensor.values))
        }
        var random = SeededGenerator(seed: 7)
        func tensor(_ shape: [Int]) throws -> Tensor {
            try Tensor(shape: shape, values: random.floats(shape.reduce(1, *)))
        }
        let input = random.floats(shape.map.count)
        let wide = shape.expansion ?? shape.map.channels
        let expansion = try shape.expansion.map {
            SeparableBlock.Pointwise(
                weights: try tensor([$0, shape.map.channels, 1, 1]), bias: try tensor([$0]), activation: .relu6)
        }
        let depthwise = SeparableBlock.Depthwise(
            weights: try tensor([wide, 1, shape.window.kernelHeight, shape.window.kernelWidth]),
            bias: try tensor([wide]), window: shape.window, activation: .relu)
        let projection = try shape.projection.map {
            SeparableBlock.Pointwise(weights: try tensor([$0, wide, 1, 1]), bias: nil, activation: .relu)
        }
        let block = try SeparableBlock(
            expansion: expansion, depthwise: depthwise, projection: projection, input: shape.map, precision: precision,
            formats: formats, kernels: kernels)
        let wideMap = FeatureMap(height: shape.map.height, width: shape.map.width, channels: wide)
        var (expanded, filtered, projected) = (input, [Float](), [Float]())
        if let expansion {
            let layer = try DenseConvolution(
                weights: rounded(expansion.weights), bias: expansion.bias, window: Window(kernel: 1), input: shape.map,
                activation: expansion.activation, kernels: kernels)
            let scratch = GuardedFloats(count: layer.scratchCount)
            expanded = run(rounded(input), outputs: layer.output.count) {
                layer.run(input: $0, output: $1, images: 1, pool: nil) { _ in scratch.pointer }
            }
        }
        let layer = try DepthwiseConvolution(
            weights: rounded(depthwise.weights), bias: depthwise.bias, window: shape.window, input: wideMap,
            activation: depthwise.activation, kernels: kernels)
        filtered = run(rounded(expanded), outputs: layer.output.count) {
            layer.run(input: $0, output: $1, images: 1, pool: nil)
        }
        projected = filtered
        var residual: [Float]?
        if let projection {
            let last = try DenseConvolution(
                weights: rounded(projection.weights), bias: nil, window: Window(kernel: 1), input: layer.output,
                activation: projection.activation, kernels: kernels)
            residual = shape.hasResidual ? random.floats(last.output.count) : nil
            projected = run(rounded(filtered), outputs: last.output.count) { input, output in
                last.run(
                    input: input, residual: residual, output: output, images: 1, pool: nil
                ) { _ in output }
            }
        }
        return Layers(
            block: block, expanded: expanded, filtered: filtered, projected: projected, input: input,
            residual: residual)
    }

    private func result(of layers: Layers, to stage: SeparableBlock.Stage, count: Int, threads: Int) -> [Float] {
        let pool = threads > 1 ? ComputePool(threads: threads) : nil
        let scratch = (0..<threads).map { _ in GuardedFloats(count: layers.block.scratchCount) }
        for memory in scratch { memory.fill(.nan) }
        return run(layers.input, outputs: count) { input, output in
            layers.block.run(
                to: stage, input: input, residual: stage == .projection ? layers.residual : nil, output: output,
                images: 1, pool: pool
            ) { scratch[$0].pointer }
        }
    }

    @Test("a block equals its layers, up to each of its stages, on any number of threads", arguments: blocks)
    func stages(shape: Block) throws {
        for kernels in tables {
            let layers = try layers(shape, kernels: kernels)
            for threads in [1, 2, 5] {
                for stage in layers.block.stages {
                    let expected = layers.made(by: stage)
                    expectIdentical(
                        result(of: layers, to: stage, count: expected.count, threads: threads), expected,
                        "\(kernels.name), \(stage), \(threads) threads: \(shape)")
                }
            }
        }
    }

    @Test("in bfloat16 numbers are rounded between its layers; the same on any number of threads", arguments: blocks)
    func rounding(shape: Block) throws {
        for kernels in tables where kernels.precisions.contains(.bfloat16) {
            let layers = try layers(shape, precision: .bfloat16, kernels: kernels)
            #expect(layers.block.kernelName.contains("bf16_depthwise"))
            for stage in layers.block.stages {
                let expected = layers.made(by: stage)
                let found = result(of: layers, to: stage, count: expected.count, threads: 1)
                // A number between two layers that lies halfway may be rounded the other way: by 2⁻⁸ of itself.
                let largest = expected.map(\.magnitude).max() ?? 0
                let tolerance = largest * (stage == .expansion ? 1e-5 : 4e-3)
                let worst = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? 0
                #expect(worst <= tolerance, "\(stage): \(worst) of \(largest)")
                #expect(found.contains { $0 != $0.roundedToBFloat16 }, "inner layers are floats")
                for threads in [2, 5] {
                    expectIdentical(
                        result(of: layers, to: stage, count: expected.count, threads: threads), found,
                        "\(stage), \(threads) threads: \(shape)")
                }
            }
        }
    }

    @Test("numbers of bfloat16 are read and written as floats of the same values", arguments: blocks.indices)
    func formats(seed: Int) throws {
        let shape = Self.blocks[seed]
        let formats = NumberFormats(
            input: seed % 3 == 0 ? .float32 : .bfloat16, residual: seed % 4 < 2 ? .float32 : .bfloat16,
            output: seed % 8 < 4 ? .float32 : .bfloat16)
        var random = SeededGenerator(seed: seed)
        for kernels in tables where kernels.precisions.contains(.bfloat16) {
            let floats = try layers(shape, precision: .bfloat16, kernels: kernels).block
            let rounded = try layers(shape, precision: .bfloat16, formats: formats, kernels: kernels).block
            let input = random.floats(2 * shape.map.count).map(\.roundedToBFloat16)
            let residual =
                shape.projection != nil && shape.hasResidual
                ? random.floats(2 * floats.output.count).map(\.roundedToBFloat16) : nil
            let expected = answer(of: floats, NumberFormats(), input: input, residual: residual, threads: 1)
            for threads in [1, 3] {
                expectIdentical(
                    answer(of: rounded, formats, input: input, residual: residual, threads: threads),
                    formats.output == .float32 ? expected : expected.map(\.roundedToBFloat16),
                    "\(formats), \(threads) threads: \(shape)")
            }
        }
    }

    /// Of two images, as floats.
    private func answer(
        of block: SeparableBlock, _ formats: NumberFormats, input: [Float], residual: [Float]?, threads: Int
    ) -> [Float] {
        let scratch = (0..<threads).map { _ in GuardedFloats(count: block.scratchCount) }
        for memory in scratch { memory.fill(.nan) }
        var output = [UInt8](repeating: 0xFF, count: 2 * block.output.count * formats.output.bytes)
        output.withUnsafeMutableBytes { output in
            formats.input.bytes(of: input).withUnsafeBytes { input in
                formats.residual.bytes(of: residual ?? []).withUnsafeBytes { added in
                    guard let start = input.baseAddress, let target = output.baseAddress else { return }
                    block.run(
                        to: block.stages.last ?? .depthwise, input: start,
                        residual: residual == nil ? nil : added.baseAddress, output: target, images: 2,
                        pool: threads > 1 ? ComputePool(threads: threads) : nil
                    ) { scratch[$0].pointer }
                }
            }
        }
        return formats.output.floats(in: output)
    }

    @Test("shapes that do not fit together are refused")
    func refusals() throws {
        let map = FeatureMap(height: 8, width: 8, channels: 4)
        let depthwise = SeparableBlock.Depthwise(
            weights: try Tensor(shape: [4, 1, 3, 3], values: .init(repeating: 0, count: 36)), bias: nil,
            window: Window(kernel: 3), activation: .identity)
        let narrow = SeparableBlock.Pointwise(
            weights: try Tensor(shape: [2, 3, 1, 1], values: .init(repeating: 0, count: 6)), bias: nil,
            activation: .identity)
        #expect(throws: ComputeError.self) {
            try SeparableBlock(
                expansion: narrow, depthwise: depthwise, projection: nil, input: map, kernels: tables[0])
        }
        #expect(throws: ComputeError.self) {
            try SeparableBlock(
                expansion: nil, depthwise: depthwise, projection: narrow, input: map, kernels: tables[0])
        }
        var dilated = depthwise
        dilated.window.dilationWidth = 2
        #expect(throws: ComputeError.self) {
            try SeparableBlock(
                expansion: nil, depthwise: dilated, projection: nil, input: map, kernels: tables[0])
        }
    }
}
