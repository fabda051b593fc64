import Compute

/// VGG (Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015): 3×3
/// convolutions and max pools, then three dense layers.
public struct VGG: ConvolutionalNetwork {
    /// Convolutions of each of the five stages; table 1 of the paper, columns A, B, D and E.
    private let depths: [Int]
    private let isNormalized: Bool
    /// Of the two dense layers before the last.
    private let hidden: Int

    private static let channels = [64, 128, 256, 512, 512]

    init(depths: [Int], isNormalized: Bool, hidden: Int = 4096) {
        self.depths = depths
        self.isNormalized = isNormalized
        self.hidden = hidden
    }

    public static func vgg11(isNormalized: Bool) -> VGG { VGG(depths: [1, 1, 2, 2, 2], isNormalized: isNormalized) }
    public static func vgg13(isNormalized: Bool) -> VGG { VGG(depths: [2, 2, 2, 2, 2], isNormalized: isNormalized) }
    public static func vgg16(isNormalized: Bool) -> VGG { VGG(depths: [2, 2, 3, 3, 3], isNormalized: isNormalized) }
    public static func vgg19(isNormalized: Bool) -> VGG { VGG(depths: [2, 2, 4, 4, 4], isNormalized: isNormalized) }

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        let head = LayerName("classifier.6", timm: "head.fc")
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: head)
        let relu = Operation.activation(.relu)
        var (x, position) = (builder.input, 0)
        for (stage, (depth, channels)) in zip(depths, Self.channels).enumerated() {
            for _ in 0..<depth {
                let name = "features.\(position)"
                x = try builder.convolution(name, x, to: channels, kernel: 3)
                if isNormalized { x = try builder.normalization("features.\(position + 1)", x) }
                x = builder.activation("\(name).activation", relu, x)
                position += isNormalized ? 3 : 2
            }
            x = try builder.maxPool("pool\(stage + 1)", x, kernel: 2, stride: 2)
            position += 1
        }
        x = builder.adaptiveAveragePool("adaptive_pool", x, side: 7)
        x = try builder.dense("fc1", as: LayerName("classifier.0", timm: "pre_logits.fc1"), x, to: hidden)
        x = builder.activation("fc1.activation", relu, x)
        x = try builder.dense("fc2", as: LayerName("classifier.3", timm: "pre_logits.fc2"), x, to: hidden)
        x = builder.activation("fc2.activation", relu, x)
        _ = try builder.classifier(as: head, x)
        return builder.graph
    }
}
