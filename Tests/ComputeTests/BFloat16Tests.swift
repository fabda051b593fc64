import Compute
import Testing

extension Float {
    /// To the nearest, half to even.
    var roundedToBFloat16: Float {
        Float(bitPattern: (bitPattern + 0x7FFF + (bitPattern >> 16 & 1)) & 0xFFFF_0000)
    }
}

extension NumberFormat {
    var bytes: Int { self == .float32 ? 4 : 2 }

    /// How numbers lie in memory; to a bfloat16 they are cut.
    func bytes(of values: [Float]) -> [UInt8] {
        values.flatMap { value in
            (self == .float32 ? 0..<4 : 2..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
    }

    func floats(in memory: [UInt8]) -> [Float] {
        stride(from: 0, to: memory.count, by: bytes).map { start in
            let bits = (0..<bytes).reduce(UInt32(0)) { $0 | UInt32(memory[start + $1]) << (8 * $1) }
            return Float(bitPattern: self == .float32 ? bits : bits << 16)
        }
    }
}

/// Products in bfloat16 equal double-precision sums of the rounded numbers.
@Suite struct BFloat16Tests {
    private static let able = tables.filter { $0.precisions.contains(.bfloat16) }

    @Test("random convolutions equal direct sums of rounded numbers", arguments: 0..<120)
    func randomShapes(seed: Int) throws {
        let layer = ConvolutionCase.random(seed: seed)
        let contents = layer.contents(images: 2, groupChannels: layer.map.channels)
        var exact = contents
        exact.weights = contents.weights.map(\.roundedToBFloat16)
        exact.inputs = contents.inputs.map { $0.map(\.roundedToBFloat16) }
        let reference = layer.reference(exact)
        for kernels in Self.able {
            expect(
                try layer.dense(contents, precision: .bfloat16, kernels: kernels), equals: reference,
                "\(kernels.name), seed \(seed): \(layer)")
        }
    }

    @Test("an image's result is bit for bit the same in any batch, on any number of threads")
    func threads() throws {
        for kernels in Self.able {
            for layer in BatchInvarianceTests.dense {
                let contents = layer.contents(images: 3, groupChannels: layer.map.channels)
                let alone = try layer.dense(contents, precision: .bfloat16, kernels: kernels)
                for threads in [2, 3] {
                    expectIdentical(
                        try layer.dense(
                            contents, precision: .bfloat16, kernels: kernels, pool: ComputePool(threads: threads)),
                        alone, "\(threads) threads: \(layer)")
                }
            }
        }
    }

    @Test(
        "rows that would push each other out of the cache are copied, and are the same numbers",
        arguments: [2048, 1024])
    func collidingRows(channels: Int) throws {
        var random = SeededGenerator(seed: channels)
        let map = FeatureMap(height: 7, width: 9, channels: channels)
        let window = Window(kernel: 1, stride: 2048 / channels)
        let weights = try Tensor(shape: [33, channels, 1, 1], values: random.floats(33 * channels))
        let input = random.floats(2 * map.count).map(\.roundedToBFloat16)
        for kernels in Self.able {
            let answers = try [NumberFormat.float32, .bfloat16].map { format in
                let layer = try DenseConvolution(
                    weights: weights, bias: nil, window: window, input: map, activation: .identity,
                    precision: .bfloat16,
                    formats: NumberFormats(input: format), kernels: kernels)
                let scratch = GuardedFloats(count: layer.scratchCount)
                scratch.fill(.nan)
                return format.bytes(of: input).withUnsafeBytes { bytes in
                    [Float](unsafeUninitializedCapacity: 2 * layer.output.count) { output, count in
                        count = 2 * layer.output.count
                        guard let start = bytes.baseAddress, let target = output.baseAddress else { return }
                        layer.run(input: start, output: target, images: 2, pool: nil) { _ in scratch.pointer }
                    }
                }
            }
            expectIdentical(answers[1], answers[0], "\(channels) channels")
        }
    }

    @Test("a dense layer reads a map in H, W, C order, its inputs an odd number")
    func denseLayer() throws {
        let map = FeatureMap(height: 1, width: 3, channels: 3)
        // In C, H, W order: weight i is i; so are the inputs, in H, W, C order.
        let weights = try Tensor(shape: [1, 9], values: (0..<9).map(Float.init))
        for kernels in Self.able {
            let layer = try DenseLayer(
                weights: weights, bias: nil, input: map, activation: .identity, precision: .bfloat16, kernels: kernels)
            let scratch = GuardedFloats(count: layer.scratchCount)
            scratch.fill(.nan)
            let found = run((0..<9).map(Float.init), outputs: 1) {
                layer.run(input: $0, output: $1, images: 1, pool: nil) { _ in scratch.pointer }
            }
            let expected = (0..<9).reduce(0) { $0 + $1 * ($1 % 3 * 3 + $1 / 3) }
            #expect(found == [Float(expected)])
        }
    }

    @Test("kernels without such products say what they have")
    func unavailable() throws {
        let portable = try KernelTable.select(named: "portable")
        #expect(portable.precisions == [.float32])
        #expect(throws: ComputeError.unavailablePrecision(name: "bf16", available: ["f32"])) {
            try portable.check(.bfloat16)
        }
        #expect(throws: ComputeError.self) {
            try DenseConvolution(
                weights: Tensor(shape: [1, 1, 1, 1], values: [1]), bias: nil, window: Window(kernel: 1),
                input: FeatureMap(height: 1, width: 1, channels: 1), activation: .identity, precision: .bfloat16,
                kernels: portable)
        }
    }
}
