import Compute
import Testing

@Suite struct DepthwiseConvolutionTests {
    @Test("all small windows equal direct sums", arguments: 1...7, 1...3)
    func smallWindows(kernel: Int, stride: Int) throws {
        for padding in [0, kernel / 2, kernel - 1] {
            for dilation in 1...2 {
                let extent = dilation * (kernel - 1) + 1
                let map = FeatureMap(
                    height: max(1, extent - padding), width: max(1, extent - 2 * padding) + 11,
                    channels: 1 + (kernel * 13 + stride * 7 + padding * 3 + dilation) % 40)
                try check(
                    ConvolutionCase(
                        map: map, outputs: map.channels,
                        window: Window(
                            kernelHeight: kernel, kernelWidth: kernel, strideHeight: stride, strideWidth: stride,
                            dilationHeight: dilation, dilationWidth: dilation,
                            padding: EdgeInsets(top: padding, left: padding, bottom: padding, right: padding)),
                        hasBias: padding > 0, hasResidual: dilation == 2, activation: .relu6))
            }
        }
    }

    @Test("every number of channels from 1 to 40 equals direct sums", arguments: 1...40)
    func channels(count: Int) throws {
        try check(
            ConvolutionCase(
                map: FeatureMap(height: 4, width: 13, channels: count), outputs: count,
                window: Window(kernel: 3, padding: 1), hasResidual: count.isMultiple(of: 2)))
    }

    @Test("every width from 1 to 24 equals direct sums", arguments: 1...24)
    func widths(count: Int) throws {
        for kernel in [3, 5] {
            for stride in 1...2 {
                try check(
                    ConvolutionCase(
                        map: FeatureMap(height: 3, width: count, channels: 17), outputs: 17,
                        window: Window(kernel: kernel, stride: stride, padding: kernel / 2)))
            }
        }
    }

    @Test("more channels than fit the cache at a time equal direct sums")
    func manyChannels() throws {
        try check(
            ConvolutionCase(
                map: FeatureMap(height: 5, width: 12, channels: 403), outputs: 403,
                window: Window(kernel: 5, padding: 2)))
    }

    @Test("windows and paddings that differ by axis equal direct sums", arguments: 0..<60)
    func randomWindows(seed: Int) throws {
        var layer = ConvolutionCase.random(seed: seed)
        layer.outputs = layer.map.channels
        try check(layer)
    }

    @Test("weights of another shape are refused with both shapes")
    func shapeMismatch() throws {
        let weights = try Tensor(shape: [8, 2, 3, 3], values: .init(repeating: 0, count: 144))
        #expect(
            throws: ComputeError.shapeMismatch(
                tensor: "depthwise weights", expected: [4, 1, 3, 3], found: [8, 2, 3, 3])
        ) {
            try DepthwiseConvolution(
                weights: weights, bias: nil, window: Window(kernel: 3),
                input: FeatureMap(height: 8, width: 8, channels: 4), activation: .identity, kernels: tables[0])
        }
    }

    private func check(_ layer: ConvolutionCase) throws {
        let contents = layer.contents(images: 2, groupChannels: 1)
        let reference = layer.reference(contents, groups: layer.map.channels)
        for kernels in tables {
            expect(try layer.depthwise(contents, kernels: kernels), equals: reference, "\(kernels.name): \(layer)")
        }
    }
}
