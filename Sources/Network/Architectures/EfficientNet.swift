import Compute

/// EfficientNet (Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019): MobileNetV2's
/// blocks with squeeze-and-excitation and swish, scaled in width, depth and resolution together.
public struct EfficientNet: ConvolutionalNetwork {
    /// A run of equal blocks, the first of which has the stride.
    struct Stage {
        let expansion: Int
        let kernel: Int
        let stride: Int
        let channels: Int
        let blocks: Int
    }

    /// Table 1 of the paper.
    static let stages = [
        Stage(expansion: 1, kernel: 3, stride: 1, channels: 16, blocks: 1),
        Stage(expansion: 6, kernel: 3, stride: 2, channels: 24, blocks: 2),
        Stage(expansion: 6, kernel: 5, stride: 2, channels: 40, blocks: 2),
        Stage(expansion: 6, kernel: 3, stride: 2, channels: 80, blocks: 3),
        Stage(expansion: 6, kernel: 5, stride: 1, channels: 112, blocks: 3),
        Stage(expansion: 6, kernel: 5, stride: 2, channels: 192, blocks: 4),
        Stage(expansion: 6, kernel: 3, stride: 1, channels: 320, blocks: 1),
    ]

    public static let b0 = EfficientNet(width: 1, depth: 1, side: 224)
    public static let b1 = EfficientNet(width: 1, depth: 1.1, side: 240)
    public static let b2 = EfficientNet(width: 1.1, depth: 1.2, side: 260)
    public static let b3 = EfficientNet(width: 1.2, depth: 1.4, side: 300)
    public static let b4 = EfficientNet(width: 1.4, depth: 1.8, side: 380)
    /// timm's weights that come from TensorFlow: padding and ε are TensorFlow's.
    public static let b0TensorFlow = EfficientNet(width: 1, depth: 1, side: 224, isTensorFlow: true)

    private let width: Double
    private let depth: Double
    private let side: Int
    private let isTensorFlow: Bool

    public var inputShape: [Int] { [3, side, side] }

    private init(width: Double, depth: Double, side: Int, isTensorFlow: Bool = false) {
        self.width = width
        self.depth = depth
        self.side = side
        self.isTensorFlow = isTensorFlow
    }

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        let stem = LayerName("features.0.0", timm: "conv_stem")
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: stem)
        builder.padding = isTensorFlow ? .same : .half
        builder.epsilon = isTensorFlow ? 1e-3 : 1e-5
        let silu = Operation.unary(.silu)
        var x = try builder.normalizedConvolution(
            "stem", as: (stem, LayerName("features.0.1", timm: "bn1")), builder.input, to: Int(channels: 32 * width),
            kernel: 3, stride: 2, activation: silu)
        var block = 0
        for (stage, row) in Self.stages.enumerated() {
            for index in 0..<Int((Double(row.blocks) * depth).rounded(.up)) {
                let tensors = InvertedResidual.Tensors(
                    torchvision: .numbered("features.\(stage + 1).\(index).block"), timm: "blocks.\(stage).\(index)")
                x = try builder.invertedResidual(
                    InvertedResidual(
                        name: "blocks.\(block)", tensors: tensors, expanded: row.expansion * x.map.channels,
                        outputs: Int(channels: Double(row.channels) * width), kernel: row.kernel,
                        stride: index == 0 ? row.stride : 1, activation: silu, squeezed: max(1, x.map.channels / 4),
                        squeezeActivation: silu),
                    x)
                block += 1
            }
        }
        x = try builder.normalizedConvolution(
            "head", as: (LayerName("features.8.0", timm: "conv_head"), LayerName("features.8.1", timm: "bn2")), x,
            to: 4 * x.map.channels, kernel: 1, activation: silu)
        _ = try builder.classifier(as: LayerName("classifier.1", timm: "classifier"), builder.globalAveragePool(x))
        return builder.graph
    }
}
