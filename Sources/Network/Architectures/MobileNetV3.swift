import Compute

/// MobileNetV3 (Howard et al., "Searching for MobileNetV3", 2019).
public struct MobileNetV3: ConvolutionalNetwork {
    private struct Row {
        let kernel: Int
        let expanded: Int
        let outputs: Int
        let hasExcitation: Bool
        let activation: Operation
        let stride: Int

        init(_ kernel: Int, _ expanded: Int, _ outputs: Int, _ excitation: Bool, _ activation: Operation, _ stride: Int)
        {
            self.kernel = kernel
            self.expanded = expanded
            self.outputs = outputs
            hasExcitation = excitation
            self.activation = activation
            self.stride = stride
        }
    }

    private static let relu = Operation.activation(.relu)
    private static let hardSwish = Operation.unary(.hardSwish)

    /// Table 1 of the paper. In stages, which timm's names count: of one resolution and width.
    public static let large = MobileNetV3(
        stages: [
            [Row(3, 16, 16, false, relu, 1)],
            [Row(3, 64, 24, false, relu, 2), Row(3, 72, 24, false, relu, 1)],
            [Row(5, 72, 40, true, relu, 2), Row(5, 120, 40, true, relu, 1), Row(5, 120, 40, true, relu, 1)],
            [
                Row(3, 240, 80, false, hardSwish, 2), Row(3, 200, 80, false, hardSwish, 1),
                Row(3, 184, 80, false, hardSwish, 1), Row(3, 184, 80, false, hardSwish, 1),
            ],
            [Row(3, 480, 112, true, hardSwish, 1), Row(3, 672, 112, true, hardSwish, 1)],
            [
                Row(5, 672, 160, true, hardSwish, 2), Row(5, 960, 160, true, hardSwish, 1),
                Row(5, 960, 160, true, hardSwish, 1),
            ],
        ], hidden: 1280)

    /// Table 2 of the paper.
    public static let small = MobileNetV3(
        stages: [
            [Row(3, 16, 16, true, relu, 2)],
            [Row(3, 72, 24, false, relu, 2), Row(3, 88, 24, false, relu, 1)],
            [
                Row(5, 96, 40, true, hardSwish, 2), Row(5, 240, 40, true, hardSwish, 1),
                Row(5, 240, 40, true, hardSwish, 1),
            ],
            [Row(5, 120, 48, true, hardSwish, 1), Row(5, 144, 48, true, hardSwish, 1)],
            [
                Row(5, 288, 96, true, hardSwish, 2), Row(5, 576, 96, true, hardSwish, 1),
                Row(5, 576, 96, true, hardSwish, 1),
            ],
        ], hidden: 1024)

    /// timm's weights that come from TensorFlow: padding and ε are TensorFlow's.
    public static let largeTensorFlow = MobileNetV3(stages: large.stages, hidden: large.hidden, isTensorFlow: true)
    /// As ``largeTensorFlow``.
    public static let smallTensorFlow = MobileNetV3(stages: small.stages, hidden: small.hidden, isTensorFlow: true)

    private let stages: [[Row]]
    /// Of the dense layer before the last.
    private let hidden: Int
    private let isTensorFlow: Bool

    private init(stages: [[Row]], hidden: Int, isTensorFlow: Bool = false) {
        self.stages = stages
        self.hidden = hidden
        self.isTensorFlow = isTensorFlow
    }

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        let stem = LayerName("features.0.0", timm: "conv_stem")
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: stem)
        builder.padding = isTensorFlow ? .same : .half
        builder.epsilon = isTensorFlow || builder.convention == .torchvision ? 1e-3 : 1e-5
        var x = try builder.normalizedConvolution(
            "stem", as: (stem, LayerName("features.0.1", timm: "bn1")), builder.input, to: 16, kernel: 3, stride: 2,
            activation: Self.hardSwish)
        var block = 0
        for (stage, rows) in stages.enumerated() {
            for (index, row) in rows.enumerated() {
                let tensors = InvertedResidual.Tensors(
                    torchvision: .numbered("features.\(block + 1).block"), timm: "blocks.\(stage).\(index)")
                x = try builder.invertedResidual(
                    InvertedResidual(
                        name: "blocks.\(block)", tensors: tensors, expanded: row.expanded, outputs: row.outputs,
                        kernel: row.kernel, stride: row.stride, activation: row.activation,
                        squeezed: row.hasExcitation ? Int(channels: Double(row.expanded) / 4) : nil,
                        gate: .hardSigmoid(alpha: 1 / 6, beta: 0.5)),
                    x)
                block += 1
            }
        }
        let last = LayerName("features.\(block + 1)", timm: "blocks.\(stages.count).0")
        x = try builder.normalizedConvolution(
            "head", as: (last + LayerName(".0", timm: ".conv"), last + LayerName(".1", timm: ".bn1")), x,
            to: 6 * x.map.channels, kernel: 1, activation: Self.hardSwish)
        x = try builder.dense(
            "hidden", as: LayerName("classifier.0", timm: "conv_head"), builder.globalAveragePool(x), to: hidden)
        x = builder.activation("hidden.activation", Self.hardSwish, x)
        _ = try builder.classifier(as: LayerName("classifier.3", timm: "classifier"), x)
        return builder.graph
    }
}
