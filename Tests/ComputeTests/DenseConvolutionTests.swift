import Compute
import Testing

@Suite struct DenseConvolutionTests {
    @Test("random convolutions equal direct sums in double precision", arguments: 0..<120)
    func randomShapes(seed: Int) throws {
        let layer = ConvolutionCase.random(seed: seed)
        let contents = layer.contents(images: 2, groupChannels: layer.map.channels)
        let reference = layer.reference(contents)
        for kernels in tables {
            expect(
                try layer.dense(contents, kernels: kernels), equals: reference,
                "\(kernels.name), seed \(seed): \(layer)")
        }
    }

    @Test("a bottleneck's layers equal direct sums", arguments: tables)
    func bottleneck(kernels: KernelTable) throws {
        for (channels, outputs, kernel) in [(64, 16, 1), (16, 40, 3), (40, 64, 1)] {
            let layer = ConvolutionCase(
                map: FeatureMap(height: 7, width: 7, channels: channels), outputs: outputs,
                window: Window(kernel: kernel, padding: kernel / 2), hasResidual: outputs == 64, activation: .relu)
            let contents = layer.contents(images: 1, groupChannels: channels)
            expect(
                try layer.dense(contents, kernels: kernels), equals: layer.reference(contents),
                "\(kernels.name): \(layer)")
        }
    }

    @Test("the residual may be the output itself", arguments: tables)
    func residualInPlace(kernels: KernelTable) throws {
        let map = FeatureMap(height: 5, width: 5, channels: 3)
        let layer = try DenseConvolution(
            weights: Tensor(shape: [37, 3, 1, 1], values: .init(repeating: 0.5, count: 111)), bias: nil,
            window: Window(kernel: 1), input: map, activation: .relu, kernels: kernels)
        var output = [Float](repeating: 1, count: layer.output.count)
        let input = [Float](repeating: 2, count: map.count)
        output.withUnsafeMutableBufferPointer { output in
            guard let start = output.baseAddress else { return }
            let scratch = GuardedFloats(count: layer.scratchCount)
            layer.run(
                input: input, residual: start, output: start, images: 1, pool: nil
            ) { _ in scratch.pointer }
        }
        #expect(output == [Float](repeating: 4, count: output.count))
    }

    @Test("NaN in the input shows in the output, also through ReLU", arguments: tables)
    func notANumber(kernels: KernelTable) throws {
        let layer = try DenseConvolution(
            weights: Tensor(shape: [1, 1, 1, 1], values: [1]), bias: nil, window: Window(kernel: 1),
            input: FeatureMap(height: 1, width: 2, channels: 1), activation: .relu6, kernels: kernels)
        var output: [Float] = [0, 0]
        let scratch = GuardedFloats(count: layer.scratchCount)
        layer.run(input: [Float.nan, 9], output: &output, images: 1, pool: nil) { _ in scratch.pointer }
        #expect(output[0].isNaN && output[1] == 6, "found \(output)")
    }

    @Test("weights that do not fit the input are refused with both shapes")
    func shapeMismatch() throws {
        let weights = try Tensor(shape: [4, 2, 3, 3], values: .init(repeating: 0, count: 72))
        let map = FeatureMap(height: 8, width: 8, channels: 6)
        #expect(
            throws: ComputeError.shapeMismatch(
                tensor: "convolution weights", expected: [-1, 6, 3, 3], found: [4, 2, 3, 3])
        ) {
            try DenseConvolution(
                weights: weights, bias: nil, window: Window(kernel: 3), input: map, activation: .identity,
                kernels: tables[0])
        }
    }

    @Test("a bias of another length is refused")
    func biasMismatch() throws {
        let weights = try Tensor(shape: [4, 2, 1, 1], values: .init(repeating: 0, count: 8))
        let bias = try Tensor(shape: [3], values: [0, 0, 0])
        #expect(throws: ComputeError.shapeMismatch(tensor: "bias", expected: [4], found: [3])) {
            try DenseConvolution(
                weights: weights, bias: bias, window: Window(kernel: 1),
                input: FeatureMap(height: 8, width: 8, channels: 2), activation: .identity, kernels: tables[0])
        }
    }

    @Test("a window larger than the padded map is refused")
    func windowMismatch() throws {
        let weights = try Tensor(shape: [1, 1, 5, 5], values: .init(repeating: 0, count: 25))
        let map = FeatureMap(height: 2, width: 9, channels: 1)
        let window = Window(kernel: 5, padding: 1)
        #expect(throws: ComputeError.windowMismatch(window: window, map: map)) {
            try DenseConvolution(
                weights: weights, bias: nil, window: window, input: map, activation: .identity, kernels: tables[0])
        }
    }

    @Test("maps beyond 32-bit offsets are refused, not overflowed")
    func tooLarge() throws {
        let weights = try Tensor(shape: [1, 1, 1, 1], values: [0])
        for extent in [1 << 16, 1 << 24] {
            #expect(throws: ComputeError.self) {
                try DenseConvolution(
                    weights: weights, bias: nil, window: Window(kernel: 1),
                    input: FeatureMap(height: extent, width: extent, channels: 1), activation: .identity,
                    kernels: tables[0])
            }
        }
    }
}
