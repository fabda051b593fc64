import Compute

/// Post-training quantisation: watches what a network's values are on some images, and puts these and the weights on grids of 8 bits.
///
/// Activations are uint8, asymmetric, a grid each value; weights int8, symmetric, a scale for each output. What sums up products stays
/// as it is: nothing is rounded between a convolution and the residual and activation that are fused to it. (Krishnamoorthi
/// 2018, "Quantizing deep convolutional networks for efficient inference".)
public struct Quantizer: Sendable {
    /// The optimised network, whose layers the plan's are.
    let graph: Graph
    /// Computes ``graph``.
    let plan: Plan
    /// The values that may be put on grids, with the layers that make them; the input has none.
    private let values: [(id: Graph.ValueID, layer: String?, channels: Int)]
    private var histograms: [Graph.ValueID: ValueHistogram] = [:]
    /// Sums of each channel's means.
    private var means: [Graph.ValueID: [Double]] = [:]
    private var images = 0

    /// Throws ``QuantizationError``.
    public init(
        _ original: Graph, pool: ComputePool, kernels: KernelTable, options: PlanOptions = PlanOptions()
    ) throws(QuantizationError) {
        do {
            graph = try original.optimized()
            plan = try Plan(graph, pool: pool, kernels: kernels, options: options)
            let shapes = try graph.shapes()
            let needed = graph.valuesToRound(wide: [])
            let layers = [(graph.input, nil)] + graph.nodes.map { ($0.output, $0.name) }
            values = layers.filter { needed.contains($0.0) }.map { id, layer in
                (id, layer, shapes[id]?.first ?? 1)
            }
        } catch {
            throw .invalid(reason: error.description)
        }
        if let node = graph.nodes.first(where: \.isOnGrid) { throw .alreadyQuantized(layer: node.name) }
        guard !values.isEmpty else { throw .noLayers }
    }

    /// The convolutions and dense layers, in the order they run.
    public var layers: [String] { graph.nodes.filter(\.operation.hasIntegerKernel).map(\.name) }

    /// Counts what the network's values are on an image, `H × W × C` floats, of which nothing else is kept.
    ///
    /// Throws ``QuantizationError``.
    public mutating func observe(_ image: [Float]) throws(QuantizationError) {
        let watched = values.compactMap(\.layer)
        let outputs: [[Float]]
        do { outputs = try plan.run([image], layers: watched) } catch { throw .invalid(reason: "\(error)") }
        var rest = outputs[...]
        for (id, layer, channels) in values {
            let numbers = layer == nil ? image : rest.removeFirst()
            guard histograms[id, default: ValueHistogram()].add(numbers) else {
                throw .notFinite(layer: layer ?? graph.inputName)
            }
            add(numbers, to: id, channels: channels, isInterleaved: layer == nil)
        }
        images += 1
    }

    private mutating func add(_ numbers: [Float], to id: Graph.ValueID, channels: Int, isInterleaved: Bool) {
        let count = numbers.count / channels
        let sums = (0..<channels).map { channel in
            (0..<count).reduce(0.0) { sum, index in
                sum + Double(numbers[isInterleaved ? index * channels + channel : channel * count + index])
            }
        }
        let earlier = means[id] ?? Array(repeating: 0, count: channels)
        means[id] = zip(earlier, sums).map { $0 + $1 / Double(count) }
    }

    /// The network on grids, where all but the layers `wide` read and have 8 bits.
    ///
    /// Throws ``QuantizationError``.
    public func quantized(
        by method: CalibrationMethod, wide: Set<String> = []
    ) throws(QuantizationError) -> Graph {
        guard images > 0 else { throw .noImages }
        var quantized = graph.rounded(
            to: histograms.mapValues { QuantizationGrid(covering: $0.range(by: method)) }, wide: wide)
        let grids = quantized.grids()
        // Nodes of both graphs go by their names.
        let sources = Dictionary(
            uniqueKeysWithValues: graph.nodes.compactMap { node in node.inputs.first.map { (node.name, $0) } })
        do {
            for (index, node) in quantized.nodes.enumerated()
            where !wide.contains(node.name) && node.operation.hasIntegerKernel {
                guard let input = node.inputs.first, let grid = grids[input], let source = sources[node.name],
                    let operation = try node.operation.quantized(inputGrid: grid, means: means(of: source))
                else { continue }
                quantized.nodes[index].operation = operation
            }
        } catch {
            throw .invalid(reason: error.description)
        }
        return quantized
    }

    private func means(of value: Graph.ValueID) -> [Float] {
        (means[value] ?? []).map { Float($0 / Double(images)) }
    }
}

extension Graph.Node {
    fileprivate var isOnGrid: Bool {
        switch operation {
        case .unary(.roundToGrid), .unary(.quantize): true
        case .convolution(let layer): layer.weightScales != nil
        case .dense(let layer), .linear(let layer): layer.weightScales != nil
        default: false
        }
    }
}

extension Operation {
    /// Of the layers that compute with integers.
    fileprivate var weights: Tensor? {
        switch self {
        case .convolution(let layer): layer.weights
        case .dense(let layer), .linear(let layer): layer.weights
        default: nil
        }
    }

    /// The layer with its weights on a grid, what their rounding adds on average taken from the bias (Nagel et al. 2019,
    /// "Data-Free Quantization Through Weight Equalization and Bias Correction", section 4.2), and the bias in units of the products.
    ///
    /// - Parameter means: of each input channel.
    fileprivate func quantized(inputGrid: QuantizationGrid, means: [Float]) throws(TensorError) -> Operation? {
        switch self {
        case .convolution(var layer):
            let rounded = try QuantizedWeights(layer.weights)
            let shift = rounded.shift(from: layer.weights, means: means, groups: layer.groups)
            layer.bias = try rounded.bias(layer.bias, less: shift, inputScale: inputGrid.scale)
            (layer.weights, layer.weightScales) = (rounded.weights, rounded.scales)
            return .convolution(layer)
        case .dense(let layer):
            return .dense(try layer.quantized(inputGrid: inputGrid, means: means))
        case .linear(let layer):
            // The means are those of the matrix's rows.
            return .linear(try layer.quantized(inputGrid: inputGrid, means: []))
        default: return nil
        }
    }
}

extension Dense {
    fileprivate func quantized(inputGrid: QuantizationGrid, means: [Float]) throws(TensorError) -> Dense {
        var layer = self
        let rounded = try QuantizedWeights(weights)
        let shift = rounded.shift(from: weights, means: means, groups: 1)
        layer.bias = try rounded.bias(bias, less: shift, inputScale: inputGrid.scale)
        (layer.weights, layer.weightScales) = (rounded.weights, rounded.scales)
        return layer
    }
}
