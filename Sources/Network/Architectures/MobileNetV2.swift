import Compute

/// MobileNetV2 (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018).
public struct MobileNetV2: ConvolutionalNetwork {
    /// Table 2 of the paper.
    private static let stages: [(expansion: Int, channels: Int, blocks: Int, stride: Int)] = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]

    public init() {}

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        let stem = LayerName("features.0.0", timm: "conv_stem")
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: stem)
        let relu6 = Operation.activation(.relu6)
        var x = try builder.normalizedConvolution(
            "stem", as: (stem, LayerName("features.0.1", timm: "bn1")), builder.input, to: 32, kernel: 3, stride: 2,
            activation: relu6)
        var block = 0
        for (stage, (expansion, channels, blocks, stride)) in Self.stages.enumerated() {
            for index in 0..<blocks {
                let tensors = InvertedResidual.Tensors(
                    torchvision: .mobileNetV2("features.\(block + 1).conv"), timm: "blocks.\(stage).\(index)")
                x = try builder.invertedResidual(
                    InvertedResidual(
                        name: "blocks.\(block)", tensors: tensors, expanded: expansion * x.map.channels,
                        outputs: channels, kernel: 3, stride: index == 0 ? stride : 1, activation: relu6),
                    x)
                block += 1
            }
        }
        x = try builder.normalizedConvolution(
            "head", as: (LayerName("features.18.0", timm: "conv_head"), LayerName("features.18.1", timm: "bn2")), x,
            to: 1280, kernel: 1, activation: relu6)
        _ = try builder.classifier(as: LayerName("classifier.1", timm: "classifier"), builder.globalAveragePool(x))
        return builder.graph
    }
}
