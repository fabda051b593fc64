import Compute
import Testing

@Suite struct WinogradConvolutionTests {
    /// Edges of every kind, channels that fill no vector, panels of one half.
    static let cases: [ConvolutionCase] = (0..<40).map { seed in
        var random = SeededGenerator(seed: seed)
        let pad = { (random: inout SeededGenerator) in Int.random(in: 0...2, using: &random) }
        return ConvolutionCase(
            map: FeatureMap(
                height: .random(in: 3...23, using: &random), width: .random(in: 3...23, using: &random),
                channels: .random(in: 1...50, using: &random)),
            outputs: .random(in: 1...80, using: &random),
            window: Window(
                kernelHeight: 3, kernelWidth: 3,
                padding: EdgeInsets(
                    top: pad(&random), left: pad(&random), bottom: pad(&random), right: pad(&random))),
            hasBias: seed % 3 > 0, hasResidual: seed % 4 == 0,
            activation: [.identity, .relu, .relu6][seed % 3], seed: seed)
    }

    private func winograd(
        _ layer: ConvolutionCase, _ contents: ConvolutionCase.Contents, kernels: KernelTable, pool: ComputePool? = nil
    ) throws -> [Float] {
        let convolution = try WinogradConvolution(
            weights: Tensor(shape: [layer.outputs, layer.map.channels, 3, 3], values: contents.weights),
            bias: contents.bias.map { try Tensor(shape: [layer.outputs], values: $0) }, window: layer.window,
            input: layer.map, activation: layer.activation, kernels: kernels)
        let threads = pool?.threads ?? 1
        let scratch = (0..<threads).map { _ in GuardedFloats(count: convolution.scratchCount(threads: threads)) }
        for memory in scratch { memory.fill(.nan) }
        return layer.run(contents) { input, residual, output, images in
            convolution.run(
                input: input, residual: residual, output: output, images: images, pool: pool
            ) { scratch[$0].pointer }
        }
    }

    /// Winograd's sums cancel: their error is compared with the largest output, as the literature does (Lavin & Gray 2016).
    @Test("convolutions equal direct sums in double precision within 5e-5 of the largest", arguments: cases)
    func directSums(layer: ConvolutionCase) throws {
        let contents = layer.contents(images: 2, groupChannels: layer.map.channels)
        let reference = layer.reference(contents)
        let largest = reference.values.reduce(1e-9) { max($0, abs($1)) }
        for kernels in tables {
            let found = try winograd(layer, contents, kernels: kernels)
            #expect(found.count == reference.values.count)
            let error = zip(found, reference.values).reduce(0) {
                max($0, $1.0.isNaN ? .infinity : abs(Double($1.0) - $1.1))
            }
            #expect(error <= 5e-5 * max(largest, 1), "\(kernels.name): \(error) of \(largest), \(layer)")
        }
    }

    @Test("an image's result is bit for bit the same on any number of threads", arguments: tables)
    func threads(kernels: KernelTable) throws {
        for extent in [13, 57] {
            let layer = ConvolutionCase(
                map: FeatureMap(height: extent, width: extent, channels: 24), outputs: 70,
                window: Window(kernel: 3, padding: 1), hasResidual: true, activation: .relu)
            let contents = layer.contents(images: 2, groupChannels: 24)
            let alone = try winograd(layer, contents, kernels: kernels)
            for threads in [2, 3, 8] {
                expectIdentical(
                    try winograd(layer, contents, kernels: kernels, pool: ComputePool(threads: threads)), alone,
                    "\(kernels.name), \(extent) pixels, \(threads) threads")
            }
        }
    }

    @Test("NaN in the input shows in the output, also through ReLU", arguments: tables)
    func notANumber(kernels: KernelTable) throws {
        let layer = ConvolutionCase(
            map: FeatureMap(height: 8, width: 8, channels: 16), outputs: 16, window: Window(kernel: 3, padding: 1),
            activation: .relu)
        var contents = layer.contents(images: 1, groupChannels: 16)
        contents.inputs[0][0] = .nan
        #expect(try winograd(layer, contents, kernels: kernels)[0].isNaN)
    }

    @Test("other windows and weights are refused")
    func refusals() throws {
        let map = FeatureMap(height: 8, width: 8, channels: 2)
        for (shape, window) in [([1, 3, 3, 3], Window(kernel: 3)), ([1, 2, 3, 3], Window(kernel: 3, stride: 2))] {
            let weights = try Tensor(shape: shape, values: .init(repeating: 0, count: shape.reduce(1, *)))
            #expect(throws: ComputeError.self) {
                try WinogradConvolution(
                    weights: weights, bias: nil, window: window, input: map, activation: .identity,
                    kernels: tables[0])
            }
        }
        #expect(!WinogradConvolution.isFaster(window: Window(kernel: 3), input: map, outputs: 64))
        let wide = FeatureMap(height: 28, width: 28, channels: 64)
        #expect(WinogradConvolution.isFaster(window: Window(kernel: 3), input: wide, outputs: 64))
        #expect(!WinogradConvolution.isFaster(window: Window(kernel: 3, stride: 2), input: wide, outputs: 64))
    }
}
