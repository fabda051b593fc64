import Compute

/// EfficientNet-Lite: MobileNetV2's inverted residual blocks, scaled (Tan & Le, "EfficientNet", 2019); the Lite variants
/// (2020) have no squeeze-and-excitation and ReLU6 instead of swish, for CPUs.
///
/// Tensors are named as in the PyTorch port's state dict: `_blocks.3._depthwise_conv.weight`, `_bn0.running_mean`, ….
public struct EfficientNetLite: Sendable {
    /// A run of equal blocks, the first of which has the stride.
    private struct Stage {
        let blocks: Int
        let kernel: Int
        let stride: Int
        let expansion: Int
        let channels: Int
    }

    /// Variant 0, on images of 224×224.
    public static let lite0 = EfficientNetLite(side: 224, classes: 1000)

    /// Table 1 of the EfficientNet paper.
    private static let stages = [
        Stage(blocks: 1, kernel: 3, stride: 1, expansion: 1, channels: 16),
        Stage(blocks: 2, kernel: 3, stride: 2, expansion: 6, channels: 24),
        Stage(blocks: 2, kernel: 5, stride: 2, expansion: 6, channels: 40),
        Stage(blocks: 3, kernel: 3, stride: 2, expansion: 6, channels: 80),
        Stage(blocks: 3, kernel: 5, stride: 1, expansion: 6, channels: 112),
        Stage(blocks: 4, kernel: 5, stride: 2, expansion: 6, channels: 192),
        Stage(blocks: 1, kernel: 3, stride: 1, expansion: 6, channels: 320),
    ]
    private static let stemChannels = 32
    private static let headChannels = 1280

    private let side: Int
    private let classes: Int

    /// The network with the weights of `source`. Layers: `stem`, `blocks.0` … `blocks.15`, `head`, `global_pool`,
    /// `classifier`.
    ///
    /// - Throws: what `source` throws where a tensor is missing or has another shape.
    public func graph(weights source: some TensorSource) throws -> Graph {
        var builder = Builder(graph: Graph(inputShape: [3, side, side]), source: source, side: side)
        var x = try builder.convolution(
            "stem", "_conv_stem", "_bn0", builder.graph.input, from: 3, to: Self.stemChannels, kernel: 3, stride: 2)
        x = builder.relu6("stem", x)
        var (channels, block) = (Self.stemChannels, 0)
        for stage in Self.stages {
            for repetition in 0..<stage.blocks {
                x = try builder.invertedResidual(
                    block: block, x, from: channels, to: stage.channels, expansion: stage.expansion,
                    kernel: stage.kernel, stride: repetition == 0 ? stage.stride : 1)
                channels = stage.channels
                block += 1
            }
        }
        x = try builder.convolution("head", "_conv_head", "_bn1", x, from: channels, to: Self.headChannels, kernel: 1)
        x = builder.relu6("head", x)
        x = builder.graph.append("global_pool", .globalAveragePool, x)
        let dense = Dense(
            weights: try source.tensor("_fc.weight", shape: [classes, Self.headChannels]),
            bias: try source.tensor("_fc.bias", shape: [classes]))
        builder.graph.append("classifier", .dense(dense), x)
        return builder.graph
    }
}

private struct Builder<Source: TensorSource> {
    var graph: Graph
    let source: Source
    /// Of the map that comes next.
    var side: Int

    /// A convolution without bias and its batch normalisation. `depthwise`: one filter a channel.
    mutating func convolution(
        _ name: String, _ weights: String, _ normalization: String, _ input: Graph.ValueID, from inputs: Int,
        to outputs: Int, kernel: Int, stride: Int = 1, depthwise: Bool = false
    ) throws -> Graph.ValueID {
        let window = window(kernel: kernel, stride: stride)
        side = (side + stride - 1) / stride
        let convolution = Convolution(
            weights: try source.tensor(
                "\(weights).weight", shape: [outputs, depthwise ? 1 : inputs, kernel, kernel]),
            window: window, groups: depthwise ? inputs : 1)
        let convolved = graph.append(name, .convolution(convolution), input)
        func statistic(_ kind: String) throws -> Tensor {
            try source.tensor("\(normalization).\(kind)", shape: [outputs])
        }
        let batchNormalization = BatchNormalization(
            scale: try statistic("weight"), bias: try statistic("bias"), mean: try statistic("running_mean"),
            variance: try statistic("running_var"), epsilon: 1e-3)
        return graph.append("\(name).normalization", .batchNormalization(batchNormalization), convolved)
    }

    mutating func relu6(_ name: String, _ input: Graph.ValueID) -> Graph.ValueID {
        graph.append("\(name).activation", .activation(.relu6), input)
    }

    /// Expand (1×1), filter each channel, project (1×1) without activation; add the input where the shapes agree
    /// (Sandler et al., "MobileNetV2", 2018). The first block does not expand.
    mutating func invertedResidual(
        block: Int, _ input: Graph.ValueID, from inputs: Int, to outputs: Int, expansion: Int, kernel: Int, stride: Int
    ) throws -> Graph.ValueID {
        let (name, prefix, wide) = ("blocks.\(block)", "_blocks.\(block).", inputs * expansion)
        var x = input
        if expansion != 1 {
            x = try convolution(
                "\(name).expand", prefix + "_expand_conv", prefix + "_bn0", x, from: inputs, to: wide, kernel: 1)
            x = relu6("\(name).expand", x)
        }
        x = try convolution(
            "\(name).depthwise", prefix + "_depthwise_conv", prefix + "_bn1", x, from: wide, to: wide, kernel: kernel,
            stride: stride, depthwise: true)
        x = relu6("\(name).depthwise", x)
        x = try convolution(name, prefix + "_project_conv", prefix + "_bn2", x, from: wide, to: outputs, kernel: 1)
        return stride == 1 && inputs == outputs ? graph.append("\(name).residual", .add(.identity), x, input) : x
    }

    /// TensorFlow's "same": the output has ⌈side / stride⌉ positions, and an odd row of padding goes to the end.
    private func window(kernel: Int, stride: Int) -> Window {
        let positions = (side + stride - 1) / stride
        let total = max(0, (positions - 1) * stride + kernel - side)
        let (before, after) = (total / 2, total - total / 2)
        return Window(
            kernelHeight: kernel, kernelWidth: kernel, strideHeight: stride, strideWidth: stride,
            padding: EdgeInsets(top: before, left: before, bottom: after, right: after))
    }
}
