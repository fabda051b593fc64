import Compute

/// Puts a network together from the layers of convolutional networks, each with its weights from a ``TensorSource``.
///
/// A layer is called by its first argument, which users see; `as` says what its tensors are called where that differs.
struct NetworkBuilder<Source: TensorSource> {
    /// What a layer answers.
    struct Output {
        let value: Graph.ValueID
        let map: FeatureMap
    }

    /// Zeros around what a convolution reads.
    enum Padding {
        /// `⌊kernel / 2⌋` on each side, as PyTorch's networks have it.
        case half
        /// TensorFlow's: ⌈side / stride⌉ positions, and an odd row goes to the end.
        case same
    }

    private(set) var graph: Graph
    /// Whose names the weights have.
    let convention: LayerName.Convention
    /// Of batch normalisations.
    var epsilon: Float = 1e-5
    var padding = Padding.half
    private let source: Source

    /// - Parameters:
    ///   - inputShape: `[channels, height, width]`
    ///   - stem: a layer with weights: the names it goes by decide on the convention.
    init(inputShape: [Int], source: Source, stem: LayerName) {
        graph = Graph(inputShape: inputShape)
        self.source = source
        convention =
            LayerName.Convention.allCases.first { source.shape(of: "\(stem[$0]).weight") != nil }
            ?? (source.isTimm ? .timm : .torchvision)
    }

    /// The images.
    var input: Output { Output(value: graph.input, map: FeatureMap(graph.inputShape)) }

    // MARK: Layers with weights

    /// `to` filters of `kernel × kernel`, which see the input channels of their group.
    mutating func convolution(
        _ name: String, as tensors: LayerName? = nil, _ x: Output, to outputs: Int, kernel: Int, stride: Int = 1,
        groups: Int = 1, padding: Int? = nil, hasBias: Bool = true
    ) throws -> Output {
        let window = window(kernel: kernel, stride: stride, padding: padding, on: x.map)
        let tensors = tensors ?? LayerName(stringLiteral: name)
        let convolution = Convolution(
            weights: try tensor(tensors, "weight", [outputs, x.map.channels / groups, kernel, kernel]),
            bias: hasBias ? try tensor(tensors, "bias", [outputs]) : nil, window: window, groups: groups)
        return append(name, .convolution(convolution), x, try size(of: window, on: x, name, channels: outputs))
    }

    /// A batch normalisation with frozen statistics, and what follows it.
    mutating func normalization(
        _ name: String, as tensors: LayerName? = nil, _ x: Output, activation: Operation? = nil
    ) throws -> Output {
        let tensors = tensors ?? LayerName(stringLiteral: name)
        let shape = [x.map.channels]
        let normalization = BatchNormalization(
            scale: try tensor(tensors, "weight", shape), bias: try tensor(tensors, "bias", shape),
            mean: try tensor(tensors, "running_mean", shape), variance: try tensor(tensors, "running_var", shape),
            epsilon: epsilon)
        let normalized = append(name, .batchNormalization(normalization), x)
        return activation.map { append("\(name).activation", $0, normalized) } ?? normalized
    }

    /// A convolution without bias, its batch normalisation, and what follows.
    mutating func normalizedConvolution(
        _ name: String, as tensors: (convolution: LayerName, normalization: LayerName), _ x: Output, to outputs: Int,
        kernel: Int, stride: Int = 1, groups: Int = 1, activation: Operation? = nil, hasBias: Bool = false
    ) throws -> Output {
        let x = try convolution(
            name, as: tensors.convolution, x, to: outputs, kernel: kernel, stride: stride, groups: groups,
            hasBias: hasBias)
        let normalized = try normalization("\(name).normalization", as: tensors.normalization, x)
        return activation.map { append("\(name).activation", $0, normalized) } ?? normalized
    }

    /// Each pixel's channels to mean 0 and variance 1.
    mutating func layerNormalization(
        _ name: String, as tensors: LayerName, _ x: Output, epsilon: Float
    ) throws -> Output {
        let shape = [x.map.channels]
        let normalization = LayerNormalization(
            scale: try tensor(tensors, "weight", shape), bias: try tensor(tensors, "bias", shape), epsilon: epsilon)
        return append(name, .layerNormalization(normalization), x)
    }

    /// A fully connected layer on all of a map, in C, H, W order.
    mutating func dense(
        _ name: String, as tensors: LayerName? = nil, _ x: Output, to outputs: Int
    ) throws -> Output {
        let tensors = tensors ?? LayerName(stringLiteral: name)
        let flat = append("\(name).flatten", .flatten, x, FeatureMap(features: x.map.count))
        let dense = Dense(
            weights: try tensor(tensors, "weight", [outputs, x.map.count]),
            bias: try tensor(tensors, "bias", [outputs]))
        return append(name, .dense(dense), flat, FeatureMap(features: outputs))
    }

    /// The last layer: as many outputs as the weights have classes; 1000, those of ImageNet, where they do not say.
    mutating func classifier(as tensors: LayerName, _ x: Output, otherwise classes: Int = 1000) throws -> Output {
        let found = source.shape(of: "\(tensors[convention]).weight")?.first
        return try dense("classifier", as: tensors, x, to: found ?? classes)
    }

    /// Scales each channel by what a small network makes of the channels' means (Hu et al., "Squeeze-and-Excitation
    /// Networks", 2018).
    mutating func squeezeExcitation(
        _ name: String, as tensors: (squeeze: LayerName, excite: LayerName), _ x: Output, to squeezed: Int,
        activation: Operation, gate: UnaryFunction = .sigmoid
    ) throws -> Output {
        var scale = globalAveragePool(x, named: "\(name).pool")
        scale = try convolution("\(name).squeeze", as: tensors.squeeze, scale, to: squeezed, kernel: 1)
        scale = append("\(name).squeeze.activation", activation, scale)
        scale = try convolution("\(name).excite", as: tensors.excite, scale, to: x.map.channels, kernel: 1)
        scale = append("\(name).gate", .unary(gate), scale)
        return Output(
            value: graph.append("\(name).scale", .binary(.multiply), x.value, scale.value), map: x.map)
    }

    /// Multiplies each channel by a learned number.
    mutating func channelScale(_ name: String, tensor tensors: LayerName, _ x: Output) throws -> Output {
        let scale = graph.append(
            "\(name).factors", .constant(try tensor(tensors, nil, [x.map.channels, 1, 1])), inputs: [])
        return Output(value: graph.append(name, .binary(.multiply), x.value, scale), map: x.map)
    }

    // MARK: Layers without weights

    mutating func activation(_ name: String, _ operation: Operation, _ x: Output) -> Output {
        append(name, operation, x)
    }

    mutating func maxPool(
        _ name: String, _ x: Output, kernel: Int, stride: Int, padding: Int = 0
    ) throws -> Output {
        let window = Window(kernel: kernel, stride: stride, padding: padding)
        return append(name, .maxPool(window), x, try size(of: window, on: x, name, channels: x.map.channels))
    }

    mutating func averagePool(_ name: String, _ x: Output, kernel: Int, stride: Int) throws -> Output {
        let window = Window(kernel: kernel, stride: stride)
        let map = try size(of: window, on: x, name, channels: x.map.channels)
        return append(name, .averagePool(window, countsPadding: false), x, map)
    }

    mutating func globalAveragePool(_ x: Output, named name: String = "global_pool") -> Output {
        append(name, .globalAveragePool, x, FeatureMap(height: 1, width: 1, channels: x.map.channels))
    }

    /// The mean of each of `side × side` parts of the map, which overlap where it does not divide: nothing where the map is
    /// of that size already.
    mutating func adaptiveAveragePool(_ name: String, _ x: Output, side: Int) -> Output {
        if x.map.height == side, x.map.width == side { return x }
        let rows = append(
            "\(name).rows", .resample(axis: 1, Self.means(of: x.map.height, in: side)), x,
            FeatureMap(height: side, width: x.map.width, channels: x.map.channels))
        return append(
            name, .resample(axis: 2, Self.means(of: x.map.width, in: side)), rows,
            FeatureMap(height: side, width: side, channels: x.map.channels))
    }

    mutating func add(_ name: String, _ x: Output, _ y: Output) -> Output {
        Output(value: graph.append(name, .add(.identity), x.value, y.value), map: x.map)
    }

    /// One map's channels after another's.
    mutating func concatenate(_ name: String, _ maps: [Output]) -> Output {
        var map = maps[0].map
        map.channels = maps.reduce(0) { $0 + $1.map.channels }
        return Output(value: graph.append(name, .concatenate(axis: 0), inputs: maps.map(\.value)), map: map)
    }

    // MARK: -

    private mutating func append(_ name: String, _ operation: Operation, _ x: Output, _ map: FeatureMap? = nil)
        -> Output
    {
        Output(value: graph.append(name, operation, x.value), map: map ?? x.map)
    }

    /// A dense layer may be stored as a convolution, a vector as a map of one pixel: the same numbers in the same order.
    private func tensor(_ layer: LayerName, _ kind: String?, _ shape: [Int]) throws -> Tensor {
        let name = layer[convention] + (kind.map { ".\($0)" } ?? "")
        if let found = source.shape(of: name), found.count != shape.count, found.first == shape.first,
            let count = try? Tensor.elementCount(of: found), count == (try? Tensor.elementCount(of: shape))
        {
            return try source.tensor(name, shape: found).reshaped(shape)
        }
        return try source.tensor(name, shape: shape)
    }

    private func window(kernel: Int, stride: Int, padding: Int?, on map: FeatureMap) -> Window {
        if let padding { return Window(kernel: kernel, stride: stride, padding: padding) }
        if self.padding == .half { return Window(kernel: kernel, stride: stride, padding: kernel / 2) }
        var window = Window(kernel: kernel, stride: stride)
        func total(_ extent: Int) -> Int { max(0, ((extent - 1) / stride) * stride + kernel - extent) }
        let (height, width) = (total(map.height), total(map.width))
        window.padding = EdgeInsets(
            top: height / 2, left: width / 2, bottom: height - height / 2, right: width - width / 2)
        return window
    }

    private func size(of window: Window, on x: Output, _ name: String, channels: Int) throws -> FeatureMap {
        guard let size = window.outputSize(height: x.map.height, width: x.map.width) else {
            throw GraphError(
                node: name, operation: "\(window.kernelHeight)×\(window.kernelWidth) window",
                reason: "the map of \(x.map.height)×\(x.map.width) is too small; the network needs larger images than "
                    + "\(graph.inputShape[1])×\(graph.inputShape[2])")
        }
        return FeatureMap(height: size.height, width: size.width, channels: channels)
    }

    /// Part `i` of `parts` is from ⌊i·n / parts⌋ to ⌈(i + 1)·n / parts⌉.
    private static func means(of extent: Int, in parts: Int) -> [ResamplingTaps] {
        (0..<parts).map { part in
            let indices = Array(part * extent / parts..<((part + 1) * extent + parts - 1) / parts)
            return ResamplingTaps(
                indices: indices, weights: Array(repeating: 1 / Float(indices.count), count: indices.count))
        }
    }
}
