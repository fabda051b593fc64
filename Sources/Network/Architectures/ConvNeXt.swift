import Compute

/// ConvNeXt (Liu et al., "A ConvNet for the 2020s", 2022): a ResNet with the habits of vision transformers.
///
/// A block: depthwise 7×7, layer normalisation, 1×1 to four times the channels, GELU, 1×1 back, a learned scale of each
/// channel, the sum with what came in.
public struct ConvNeXt: ConvolutionalNetwork {
    public static let tiny = ConvNeXt(depths: [3, 3, 9, 3], channels: [96, 192, 384, 768])
    public static let small = ConvNeXt(depths: [3, 3, 27, 3], channels: [96, 192, 384, 768])
    public static let base = ConvNeXt(depths: [3, 3, 27, 3], channels: [128, 256, 512, 1024])
    public static let large = ConvNeXt(depths: [3, 3, 27, 3], channels: [192, 384, 768, 1536])

    /// Blocks, and channels, of each stage.
    private let depths: [Int]
    private let channels: [Int]
    private static let epsilon: Float = 1e-6

    private init(depths: [Int], channels: [Int]) {
        self.depths = depths
        self.channels = channels
    }

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        let stem = LayerName("features.0", timm: "stem")
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: stem + ".0")
        var x = builder.input
        for (stage, (depth, channels)) in zip(depths, channels).enumerated() {
            if stage == 0 {
                x = try builder.convolution("stem", as: stem + ".0", x, to: channels, kernel: 4, stride: 4, padding: 0)
                x = try builder.layerNormalization("stem.normalization", as: stem + ".1", x, epsilon: Self.epsilon)
            } else {
                let tensors = LayerName("features.\(2 * stage)", timm: "stages.\(stage).downsample")
                let name = "downsample.\(stage)"
                x = try builder.layerNormalization(
                    "\(name).normalization", as: tensors + ".0", x, epsilon: Self.epsilon)
                x = try builder.convolution(name, as: tensors + ".1", x, to: channels, kernel: 2, stride: 2, padding: 0)
            }
            for index in 0..<depth {
                let tensors = LayerName("features.\(2 * stage + 1).\(index)", timm: "stages.\(stage).blocks.\(index)")
                x = try Self.block("blocks.\(stage).\(index)", as: tensors, x, in: &builder)
            }
        }
        x = builder.globalAveragePool(x)
        x = try builder.layerNormalization(
            "head.normalization", as: LayerName("classifier.0", timm: "head.norm"), x, epsilon: Self.epsilon)
        _ = try builder.classifier(as: LayerName("classifier.2", timm: "head.fc"), x)
        return builder.graph
    }

    private static func block<Source>(
        _ name: String, as tensors: LayerName, _ x: NetworkBuilder<Source>.Output,
        in builder: inout NetworkBuilder<Source>
    ) throws -> NetworkBuilder<Source>.Output {
        let channels = x.map.channels
        var y = try builder.convolution(
            "\(name).depthwise", as: tensors + LayerName(".block.0", timm: ".conv_dw"), x, to: channels, kernel: 7,
            groups: channels)
        y = try builder.layerNormalization(
            "\(name).normalization", as: tensors + LayerName(".block.2", timm: ".norm"), y, epsilon: epsilon)
        y = try builder.convolution(
            "\(name).expand", as: tensors + LayerName(".block.3", timm: ".mlp.fc1"), y, to: 4 * channels, kernel: 1)
        y = builder.activation("\(name).expand.activation", .unary(.gelu), y)
        y = try builder.convolution(
            "\(name).project", as: tensors + LayerName(".block.5", timm: ".mlp.fc2"), y, to: channels, kernel: 1)
        y = try builder.channelScale(
            "\(name).scale", tensor: tensors + LayerName(".layer_scale", timm: ".gamma"), y)
        return builder.add(name, y, x)
    }
}
