import Compute

/// EfficientNet-Lite (Google, 2020): EfficientNet without squeeze-and-excitation and with ReLU6 instead of swish, for CPUs.
///
/// Tensors are named as in the PyTorch port's state dict, `_blocks.3._depthwise_conv.weight`, `_bn0.running_mean`, …,
/// whose padding and ε are TensorFlow's; or as timm's, which has both kinds.
public struct EfficientNetLite: ConvolutionalNetwork {
    /// Variant 0, on images of 224×224.
    public static let lite0 = EfficientNetLite(isTensorFlow: false)
    /// timm's weights of variant 0 that come from TensorFlow.
    public static let lite0TensorFlow = EfficientNetLite(isTensorFlow: true)

    private let isTensorFlow: Bool

    /// The network with the weights of `source`. Layers: `stem`, `blocks.0` … `blocks.15`, `head`, `global_pool`,
    /// `classifier`.
    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        let stem = LayerName("_conv_stem", timm: "conv_stem")
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: stem)
        if isTensorFlow || builder.convention == .torchvision {
            builder.padding = .same
            builder.epsilon = 1e-3
        }
        let relu6 = Operation.activation(.relu6)
        var x = try builder.normalizedConvolution(
            "stem", as: (stem, LayerName("_bn0", timm: "bn1")), builder.input, to: 32, kernel: 3, stride: 2,
            activation: relu6)
        var block = 0
        for (stage, row) in EfficientNet.stages.enumerated() {
            for index in 0..<row.blocks {
                let tensors = InvertedResidual.Tensors(
                    torchvision: .port("_blocks.\(block)"), timm: "blocks.\(stage).\(index)")
                x = try builder.invertedResidual(
                    InvertedResidual(
                        name: "blocks.\(block)", tensors: tensors, expanded: row.expansion * x.map.channels,
                        outputs: row.channels, kernel: row.kernel, stride: index == 0 ? row.stride : 1,
                        activation: relu6),
                    x)
                block += 1
            }
        }
        x = try builder.normalizedConvolution(
            "head", as: (LayerName("_conv_head", timm: "conv_head"), LayerName("_bn1", timm: "bn2")), x, to: 1280,
            kernel: 1, activation: relu6)
        _ = try builder.classifier(as: LayerName("_fc", timm: "classifier"), builder.globalAveragePool(x))
        return builder.graph
    }
}
