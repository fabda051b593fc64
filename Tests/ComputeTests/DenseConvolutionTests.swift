import Compute
import Testing

@Suite struct DenseConvolutionTests {
    @Test("random convolutions equal direct sums in double precision", arguments: 0..<60)
    func randomShapes(seed: Int) throws {
        let layer = Self.randomCase(seed: seed)
        let contents = layer.contents(images: 2, groupChannels: layer.map.channels)
        let reference = layer.reference(contents)
        for kernels in tables {
            expect(
                try layer.dense(contents, kernels: kernels), equals: reference,
                "\(kernels.name), seed \(seed): \(layer)")
        }
    }

    static func randomCase(seed: Int) -> ConvolutionCase {
        var random = SeededGenerator(seed: seed)
        while true {
            let window = Window(
                kernelHeight: .random(in: 1...4, using: &random), kernelWidth: .random(in: 1...4, using: &random),
                strideHeight: .random(in: 1...3, using: &random), strideWidth: .random(in: 1...3, using: &random),
                dilationHeight: .random(in: 1...2, using: &random), dilationWidth: .random(in: 1...2, using: &random),
                padding: EdgeInsets(
                    top: .random(in: 0...2, using: &random), left: .random(in: 0...2, using: &random),
                    bottom: .random(in: 0...2, using: &random), right: .random(in: 0...2, using: &random)))
            let map = FeatureMap(
                height: .random(in: 1...9, using: &random), width: .random(in: 1...9, using: &random),
                channels: .random(in: 1...20, using: &random))
            guard window.outputSize(height: map.height, width: map.width) != nil else { continue }
            return ConvolutionCase(
                map: map, outputs: .random(in: 1...70, using: &random),
                window: seed.isMultiple(of: 4) ? Window(kernel: 1) : window,
                hasBias: .random(using: &random), hasResidual: .random(using: &random),
                activation: [.identity, .relu, .relu6, .clamp(lower: -1, upper: 1)][seed % 4], seed: seed)
        }
    }
}
