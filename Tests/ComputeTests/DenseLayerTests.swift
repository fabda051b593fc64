import Compute
import Testing

@Suite struct DenseLayerTests {
    @Test("a dense layer on a map takes its weights' columns in C, H, W order", arguments: tables)
    func columnOrder(kernels: KernelTable) throws {
        // The weights pick one element each, so the outputs are the map in C, H, W order.
        let map = FeatureMap(height: 2, width: 3, channels: 4)
        var weights = [Float](repeating: 0, count: 24 * 24)
        for index in 0..<24 { weights[index * 25] = 1 }
        let layer = try DenseLayer(
            weights: Tensor(shape: [24, 24], values: weights), bias: nil, input: map, activation: .identity,
            kernels: kernels)
        var output = [Float](repeating: 0, count: 24)
        output.withUnsafeMutableBufferPointer { output in
            guard let start = output.baseAddress else { return }
            layer.run(input: (0..<24).map(Float.init), output: start, images: 1, pool: nil) { _ in start }
        }
        let expected = (0..<4).flatMap { c in (0..<6).map { pixel in Float(pixel * 4 + c) } }
        #expect(output == expected)
    }

    @Test("a dense layer is a convolution whose window is the map", arguments: [1, 2, 5, 6, 7, 11, 12, 13, 25])
    func batches(images: Int) throws {
        let layer = ConvolutionCase(
            map: FeatureMap(height: 3, width: 2, channels: 17), outputs: 45,
            window: Window(kernelHeight: 3, kernelWidth: 2), activation: .relu)
        let contents = layer.contents(images: images, groupChannels: 17)
        let reference = layer.reference(contents)
        for kernels in tables {
            let dense = try DenseLayer(
                weights: Tensor(shape: [45, 102], values: contents.weights),
                bias: contents.bias.map { try Tensor(shape: [45], values: $0) }, input: layer.map, activation: .relu,
                kernels: kernels)
            let input = GuardedFloats(contents.inputs.flatMap { $0 })
            let output = GuardedFloats(count: images * 45)
            dense.run(input: input.pointer, output: output.pointer, images: images, pool: nil) { _ in output.pointer }
            expect(output.values, equals: reference, "\(kernels.name), \(images) images")
        }
    }

    @Test("weights whose columns are not the map's elements are refused")
    func shapeMismatch() throws {
        let weights = try Tensor(shape: [2, 10], values: .init(repeating: 0, count: 20))
        #expect(throws: ComputeError.shapeMismatch(tensor: "dense weights", expected: [-1, 12], found: [2, 10])) {
            try DenseLayer(
                weights: weights, bias: nil, input: FeatureMap(height: 2, width: 2, channels: 3),
                activation: .identity, kernels: tables[0])
        }
    }
}
