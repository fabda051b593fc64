import Compute
import Testing

/// An image's result is bit for bit the same alone, in a batch, and with any number of threads.
@Suite struct BatchInvarianceTests {
    /// Large enough that the drivers do split them.
    static let dense = [
        ConvolutionCase(
            map: FeatureMap(height: 14, width: 14, channels: 40), outputs: 72, window: Window(kernel: 3, padding: 1),
            hasResidual: true, activation: .relu),
        ConvolutionCase(
            map: FeatureMap(height: 29, width: 29, channels: 32), outputs: 50, window: Window(kernel: 1)),
        ConvolutionCase(
            map: FeatureMap(height: 13, width: 13, channels: 96), outputs: 136,
            window: Window(kernel: 1, stride: 2), activation: .relu6),
        ConvolutionCase(
            map: FeatureMap(height: 7, width: 7, channels: 160), outputs: 320,
            window: Window(kernel: 3, padding: 1)),
    ]

    @Test("dense convolutions", arguments: tables, dense)
    func denseConvolution(kernels: KernelTable, layer: ConvolutionCase) throws {
        let contents = layer.contents(images: 5, groupChannels: layer.map.channels)
        try check("\(kernels.name): \(layer)", contents) { contents, pool in
            try layer.dense(contents, kernels: kernels, pool: pool)
        }
    }

    @Test("depthwise convolutions", arguments: tables, [1, 2])
    func depthwiseConvolution(kernels: KernelTable, stride: Int) throws {
        let layer = ConvolutionCase(
            map: FeatureMap(height: 31, width: 30, channels: 52), outputs: 52,
            window: Window(kernel: 5, stride: stride, padding: 2), hasResidual: true)
        let contents = layer.contents(images: 5, groupChannels: 1)
        try check("\(kernels.name): \(layer)", contents) { contents, pool in
            try layer.depthwise(contents, kernels: kernels, pool: pool)
        }
    }

    @Test("dense layers", arguments: tables)
    func denseLayer(kernels: KernelTable) throws {
        let map = FeatureMap(height: 2, width: 3, channels: 300)
        let layer = ConvolutionCase(map: map, outputs: 333, window: Window(kernelHeight: 2, kernelWidth: 3))
        let contents = layer.contents(images: 14, groupChannels: 300)
        let dense = try DenseLayer(
            weights: Tensor(shape: [333, 1800], values: contents.weights), bias: nil, input: map,
            activation: .identity, kernels: kernels)
        try check(kernels.name, contents) { contents, pool in
            run(contents.inputs.flatMap { $0 }, outputs: contents.inputs.count * 333) {
                let unused = $1
                dense.run(input: $0, output: $1, images: contents.inputs.count, pool: pool) { _ in unused }
            }
        }
    }

    @Test("pooling", arguments: tables)
    func pooling(kernels: KernelTable) throws {
        let layer = ConvolutionCase(
            map: FeatureMap(height: 30, width: 30, channels: 40), outputs: 1, window: Window(kernel: 1))
        let contents = layer.contents(images: 4, groupChannels: 40)
        let window = Window(kernel: 3, stride: 2, padding: 1)
        let pooling = try AveragePooling(window: window, countsPadding: false, input: layer.map, kernels: kernels)
        try check(kernels.name, contents) { contents, pool in
            run(contents.inputs.flatMap { $0 }, outputs: contents.inputs.count * pooling.output.count) {
                pooling.run(input: $0, output: $1, images: contents.inputs.count, pool: pool)
            }
        }
    }

    private func check(
        _ what: String, _ contents: ConvolutionCase.Contents,
        _ layer: (ConvolutionCase.Contents, ComputePool?) throws -> [Float]
    ) throws {
        let alone = try contents.inputs.indices.flatMap { image in
            let one = ConvolutionCase.Contents(
                weights: contents.weights, bias: contents.bias, inputs: [contents.inputs[image]],
                residuals: contents.residuals.map { [$0[image]] })
            return try layer(one, nil)
        }
        expectIdentical(try layer(contents, nil), alone, "\(what) in a batch")
        for threads in [2, 3] {
            let pool = ComputePool(threads: threads)
            expectIdentical(try layer(contents, pool), alone, "\(what) in a batch on \(threads) threads")
        }
    }
}
