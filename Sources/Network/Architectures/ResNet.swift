import Compute

/// ResNet (He et al., "Deep Residual Learning for Image Recognition", 2016, table 1), with the stride in the 3×3
/// convolution of a bottleneck; ResNeXt (Xie et al. 2017) splits that convolution into groups, Wide ResNet (Zagoruyko &
/// Komodakis 2016) has more channels there.
///
/// torchvision and timm call the tensors alike: `layer3.5.conv2.weight`, `layer2.0.downsample.1.running_mean`, ….
public struct ResNet: ConvolutionalNetwork {
    private enum Block {
        /// Two 3×3 convolutions.
        case basic
        /// 1×1, 3×3, 1×1, the last with four times as many channels.
        case bottleneck(groups: Int, groupWidth: Int)

        static let plain = bottleneck(groups: 1, groupWidth: 64)
    }

    public static let resnet18 = ResNet(depths: [2, 2, 2, 2], block: .basic)
    public static let resnet34 = ResNet(depths: [3, 4, 6, 3], block: .basic)
    public static let resnet50 = ResNet(depths: [3, 4, 6, 3], block: .plain)
    public static let resnet101 = ResNet(depths: [3, 4, 23, 3], block: .plain)
    public static let resnet152 = ResNet(depths: [3, 8, 36, 3], block: .plain)
    public static let resnext50 = ResNet(depths: [3, 4, 6, 3], block: .bottleneck(groups: 32, groupWidth: 4))
    public static let resnext101 = ResNet(depths: [3, 4, 23, 3], block: .bottleneck(groups: 32, groupWidth: 8))
    public static let wideResnet50 = ResNet(depths: [3, 4, 6, 3], block: .bottleneck(groups: 1, groupWidth: 128))
    public static let wideResnet101 = ResNet(depths: [3, 4, 23, 3], block: .bottleneck(groups: 1, groupWidth: 128))

    /// Blocks of the four stages, of 64, 128, 256 and 512 channels.
    private let depths: [Int]
    private let block: Block

    private init(depths: [Int], block: Block) {
        self.depths = depths
        self.block = block
    }

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: "conv1")
        var x = try builder.normalizedConvolution(
            "conv1", as: ("conv1", "bn1"), builder.input, to: 64, kernel: 7, stride: 2, activation: .activation(.relu))
        x = try builder.maxPool("pool", x, kernel: 3, stride: 2, padding: 1)
        for (stage, depth) in depths.enumerated() {
            for index in 0..<depth {
                x = try builder.residual(
                    "layer\(stage + 1).\(index)", x, stride: stage > 0 && index == 0 ? 2 : 1
                ) { builder, name, x, stride throws in
                    switch block {
                    case .basic: try builder.basic(name, x, channels: 64 << stage, stride: stride)
                    case .bottleneck(let groups, let width):
                        try builder.bottleneck(
                            name, x, channels: 64 << stage, width: (width << stage) * groups, groups: groups,
                            stride: stride)
                    }
                }
            }
        }
        _ = try builder.classifier(as: "fc", builder.globalAveragePool(x))
        return builder.graph
    }
}

extension NetworkBuilder {
    /// `ReLU(branch(x) + shortcut(x))`; the shortcut is a 1×1 convolution where the shapes differ.
    fileprivate mutating func residual(
        _ name: String, _ x: Output, stride: Int,
        _ branch: (inout NetworkBuilder, _ name: String, Output, _ stride: Int) throws -> Output
    ) throws -> Output {
        let y = try branch(&self, name, x, stride)
        var shortcut = x
        if x.map != y.map {
            shortcut = try normalizedConvolution(
                "\(name).downsample", as: ("\(name).downsample.0", "\(name).downsample.1"), x, to: y.map.channels,
                kernel: 1, stride: stride)
        }
        return activation(name, .activation(.relu), add("\(name).sum", y, shortcut))
    }

    fileprivate mutating func basic(_ name: String, _ x: Output, channels: Int, stride: Int) throws -> Output {
        let y = try step(1, of: name, x, to: channels, kernel: 3, stride: stride, activation: .activation(.relu))
        return try step(2, of: name, y, to: channels, kernel: 3)
    }

    fileprivate mutating func bottleneck(
        _ name: String, _ x: Output, channels: Int, width: Int, groups: Int, stride: Int
    ) throws -> Output {
        let relu = Operation.activation(.relu)
        var y = try step(1, of: name, x, to: width, kernel: 1, activation: relu)
        y = try step(2, of: name, y, to: width, kernel: 3, stride: stride, groups: groups, activation: relu)
        return try step(3, of: name, y, to: 4 * channels, kernel: 1)
    }

    private mutating func step(
        _ number: Int, of block: String, _ x: Output, to outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1,
        activation: Operation? = nil
    ) throws -> Output {
        try normalizedConvolution(
            "\(block).conv\(number)", as: ("\(block).conv\(number)", "\(block).bn\(number)"), x, to: outputs,
            kernel: kernel, stride: stride, groups: groups, activation: activation)
    }
}
