import Compute

/// DenseNet (Huang et al., "Densely Connected Convolutional Networks", 2017, table 1): each layer reads all maps of its block
/// before it and adds 32 channels to them. Normalisation comes before the convolution.
///
/// torchvision and timm call the tensors alike: `features.denseblock2.denselayer7.conv1.weight`, ….
public struct DenseNet: ConvolutionalNetwork {
    public static let densenet121 = DenseNet(depths: [6, 12, 24, 16])
    public static let densenet169 = DenseNet(depths: [6, 12, 32, 32])
    public static let densenet201 = DenseNet(depths: [6, 12, 48, 32])

    /// Layers of each block.
    private let depths: [Int]
    private static let growth = 32

    private init(depths: [Int]) { self.depths = depths }

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: "features.conv0")
        let relu = Operation.activation(.relu)
        var x = try builder.normalizedConvolution(
            "stem", as: ("features.conv0", "features.norm0"), builder.input, to: 64, kernel: 7, stride: 2,
            activation: relu)
        x = try builder.maxPool("pool", x, kernel: 3, stride: 2, padding: 1)
        for (block, depth) in depths.enumerated() {
            for layer in 0..<depth {
                let name = "features.denseblock\(block + 1).denselayer\(layer + 1)"
                var y = try builder.normalization("\(name).norm1", x, activation: relu)
                y = try builder.normalizedConvolution(
                    "\(name).conv1", as: ("\(name).conv1", "\(name).norm2"), y, to: 4 * Self.growth, kernel: 1,
                    activation: relu)
                y = try builder.convolution("\(name).conv2", y, to: Self.growth, kernel: 3, hasBias: false)
                x = builder.concatenate(name, [x, y])
            }
            guard block < depths.count - 1 else { continue }
            let name = "features.transition\(block + 1)"
            x = try builder.normalization("\(name).norm", x, activation: relu)
            x = try builder.convolution("\(name).conv", x, to: x.map.channels / 2, kernel: 1, hasBias: false)
            x = try builder.averagePool("\(name).pool", x, kernel: 2, stride: 2)
        }
        x = try builder.normalization("features.norm5", x, activation: relu)
        _ = try builder.classifier(as: "classifier", builder.globalAveragePool(x))
        return builder.graph
    }
}
