import Compute

/// An operation made ready for one shape of input: weights packed, offsets computed.
enum Kernel: Sendable {
    case convolution(DenseConvolution)
    case winograd(WinogradConvolution)
    case separable(SeparableBlock, to: SeparableBlock.Stage)
    case depthwise(DepthwiseConvolution)
    case grouped(GroupedConvolution)
    case transposedConvolution(TransposedConvolutionLayer)
    case affine(ChannelAffine)
    case instanceNormalization(InstanceNormalizationLayer)
    case layerNormalization(LayerNormalizationLayer)
    case localResponse(LocalResponseLayer)
    case activation(ElementwiseActivation)
    case maxPool(MaxPooling)
    case averagePool(AveragePooling)
    case globalAveragePool(GlobalAveragePooling)
    case dense(DenseLayer)
    case add(Addition)
    case pad(ZeroPadding)
    case flatten(ChannelsFirst)
    case softmax(Softmax)
    case constant(ConstantArray)
    case unary(UnaryMap)
    case binary(BroadcastMap)
    case axisSoftmax(AxisSoftmax)
    case reduce(AxisReduction)
    case matrixProduct(ArrayProduct)
    case rearrange([Rearrangement])
    case resample(AxisResampling)
    case linear(DenseLayer, rows: Int)

    // MARK: Bytes, on the grids of a quantised network

    case quantize(Quantization)
    case requantize(Requantization)
    case quantizedConvolution(QuantizedConvolution)
    case quantizedDepthwise(QuantizedDepthwiseConvolution)
    case quantizedDense(QuantizedDenseLayer)
    case quantizedMaxPool(QuantizedMaxPooling)
    case quantizedAdd(QuantizedAddition)
    case dequantized(DequantizedInputs)

    /// - Parameters:
    ///   - inputs: their shapes, of one image.
    ///   - output: its shape, of one image.
    ///   - formats: of a convolution's inputs and output.
    init(
        _ operation: Operation, inputs: [[Int]], output: [Int], kernels: KernelTable, options: PlanOptions,
        formats: NumberFormats = NumberFormats()
    ) throws {
        let shape = inputs.first ?? output
        let map = FeatureMap(shape)
        switch operation {
        case .convolution(let layer):
            self = try Self.convolution(layer, on: map, kernels: kernels, options: options, formats: formats)
        case .transposedConvolution(let layer):
            self = .transposedConvolution(
                try TransposedConvolutionLayer(
                    weights: layer.weights, bias: layer.bias, window: layer.window, groups: layer.groups, input: map,
                    outputSize: layer.outputSize, kernels: kernels))
        case .batchNormalization(let normalization):
            let (scale, shift) = normalization.affine
            self = .affine(
                try ChannelAffine(
                    scale: Tensor(shape: [scale.count], values: scale.map(Float.init)),
                    shift: Tensor(shape: [shift.count], values: shift.map(Float.init)), map: map,
                    activation: .identity, kernels: kernels))
        case .instanceNormalization(let layer):
            self = .instanceNormalization(
                InstanceNormalizationLayer(scale: layer.scale, bias: layer.bias, epsilon: layer.epsilon, map: map))
        case .layerNormalization(let layer):
            self = .layerNormalization(
                LayerNormalizationLayer(
                    scale: layer.scale, bias: layer.bias, epsilon: layer.epsilon, rows: map.count / layer.scale.count))
        case .localResponseNormalization(let rule):
            self = .localResponse(
                LocalResponseLayer(map: map, size: rule.size, alpha: rule.alpha, beta: rule.beta, bias: rule.bias))
        case .activation(let activation):
            self = .activation(try ElementwiseActivation(map: map, activation: activation, kernels: kernels))
        case .maxPool(let window):
            self = .maxPool(try MaxPooling(window: window, input: map, kernels: kernels))
        case .averagePool(let window, let countsPadding):
            self = .averagePool(
                try AveragePooling(window: window, countsPadding: countsPadding, input: map, kernels: kernels))
        case .globalAveragePool:
            self = .globalAveragePool(try GlobalAveragePooling(input: map, kernels: kernels))
        case .dense(let layer):
            self = .dense(
                try DenseLayer(
                    weights: layer.weights, bias: layer.bias, input: map, activation: layer.activation,
                    precision: options.precision, kernels: kernels))
        case .add(let activation): self = .add(try Addition(map: map, activation: activation, kernels: kernels))
        case .pad(let insets): self = .pad(try ZeroPadding(insets: insets, input: map))
        case .flatten where shape.count == 3: self = .flatten(try ChannelsFirst(map: map))
        case .flatten: self = .rearrange([try Rearrangement(reshaping: shape, to: output)])
        case .softmax(let axis) where shape.count == 1 && axis == 0:
            self = .softmax(try Softmax(features: map.count))
        case .softmax(let axis): self = .axisSoftmax(AxisSoftmax(shape: shape, axis: axis, isLogarithmic: false))
        case .logSoftmax(let axis): self = .axisSoftmax(AxisSoftmax(shape: shape, axis: axis, isLogarithmic: true))
        case .constant(let tensor): self = .constant(ConstantArray(tensor))
        case .unary(let function):
            self = .unary(UnaryMap(function, count: output.reduce(1, *), kernels: kernels))
        case .binary(let function):
            self = .binary(BroadcastMap(function, inputs[0], inputs[1], output: output, kernels: kernels))
        case .reduce(let reduction, let axes):
            self = .reduce(AxisReduction(reduction, shape: shape, axes: axes))
        case .matrixProduct: self = .matrixProduct(ArrayProduct(inputs[0], inputs[1], output: output))
        case .concatenate(let axis):
            self = .rearrange(Rearrangement.concatenating(inputs, axis: axis, output: output))
        case .select(let selection):
            self = .rearrange([Rearrangement(selecting: selection.indices, of: shape, fill: selection.fill)])
        case .transpose(let permutation):
            self = .rearrange([Rearrangement(transposing: shape, by: permutation)])
        case .reshape: self = .rearrange([try Rearrangement(reshaping: shape, to: output)])
        case .resample(let axis, let taps): self = .resample(AxisResampling(axis: axis, taps: taps, shape: shape))
        case .linear(let layer):
            self = .linear(
                try DenseLayer(
                    weights: layer.weights, bias: layer.bias, input: FeatureMap(features: shape[1]),
                    activation: layer.activation, precision: options.precision, kernels: kernels), rows: shape[0])
        }
    }

    private static func convolution(
        _ layer: Convolution, on map: FeatureMap, kernels: KernelTable, options: PlanOptions, formats: NumberFormats
    ) throws -> Kernel {
        if layer.usesWinograd(on: map, options: options) {
            return .winograd(
                try WinogradConvolution(
                    weights: layer.weights, bias: layer.bias, window: layer.window, input: map,
                    activation: layer.activation, kernels: kernels))
        }
        if layer.groups == 1 {
            return .convolution(
                try DenseConvolution(
                    weights: layer.weights, bias: layer.bias, window: layer.window, input: map,
                    activation: layer.activation, precision: options.precision, formats: formats, kernels: kernels))
        }
        if layer.groups == map.channels, layer.weights.shape.first == map.channels {
            return .depthwise(
                try DepthwiseConvolution(
                    weights: layer.weights, bias: layer.bias, window: layer.window, input: map,
                    activation: layer.activation, kernels: kernels))
        }
        return .grouped(
            try GroupedConvolution(
                weights: layer.weights, bias: layer.bias, window: layer.window, groups: layer.groups, input: map,
                activation: layer.activation, kernels: kernels))
    }

    /// Computes `images` images, from and to consecutive memory; a second input is the residual, the other summand or
    /// factor, …
    ///
    /// - Parameter scratch: for each of the pool's threads, ``scratchCount(threads:)`` floats that nobody else uses.
    func run(
        _ input: (Int) -> UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, hasSecond: Bool, images: Int,
        pool: ComputePool?, scratch: (_ worker: Int) -> UnsafeMutablePointer<Float>
    ) {
        switch self {
        case .winograd(let layer):
            layer.run(
                input: input(0), residual: hasSecond ? input(1) : nil, output: output, images: images, pool: pool,
                scratch: scratch)
        case .convolution(let layer):
            layer.run(
                input: input(0), residual: hasSecond ? input(1) : nil, output: output, images: images, pool: pool,
                scratch: scratch)
        case .separable(let block, let stage):
            block.run(
                to: stage, input: input(0), residual: hasSecond ? input(1) : nil, output: output, images: images,
                pool: pool, scratch: scratch)
        case .depthwise(let layer):
            layer.run(
                input: input(0), residual: hasSecond ? input(1) : nil, output: output, images: images, pool: pool)
        case .grouped(let layer):
            layer.run(
                input: input(0), residual: hasSecond ? input(1) : nil, output: output, images: images, pool: pool)
        case .transposedConvolution(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .affine(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .instanceNormalization(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .layerNormalization(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .localResponse(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .activation(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .maxPool(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .averagePool(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .globalAveragePool(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .dense(let layer):
            layer.run(input: input(0), output: output, images: images, pool: pool, scratch: scratch)
        case .add(let layer): layer.run(input(0), input(1), output: output, images: images, pool: pool)
        case .pad(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .flatten(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .softmax(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .constant(let layer): layer.run(output: output, images: images)
        case .unary(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .binary(let layer): layer.run(input(0), input(1), output: output, images: images, pool: pool)
        case .axisSoftmax(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .reduce(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .matrixProduct(let layer): layer.run(input(0), input(1), output: output, images: images, pool: pool)
        case .rearrange(let parts):
            for (index, part) in parts.enumerated() {
                part.run(input: input(index), output: output, images: images, pool: pool)
            }
        case .resample(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .linear(let layer, let rows):
            layer.run(input: input(0), output: output, images: images * rows, pool: pool, scratch: scratch)
        case .quantize(let layer): layer.quantize(input(0), output: output, images: images, pool: pool)
        case .requantize(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .quantizedConvolution(let layer):
            layer.run(
                input: input(0), residual: hasSecond ? UnsafeRawPointer(input(1)) : nil, output: output,
                images: images, pool: pool, scratch: scratch)
        case .quantizedDepthwise(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .quantizedDense(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .quantizedMaxPool(let layer): layer.run(input: input(0), output: output, images: images, pool: pool)
        case .quantizedAdd(let layer): layer.run(input(0), input(1), output: output, images: images, pool: pool)
        case .dequantized(let layer): layer.run(input, to: output, images: images, pool: pool, scratch: scratch)
        }
    }

    /// The floats of memory that a run needs for itself.
    func scratchCount(threads: Int) -> Int {
        switch self {
        case .convolution(let layer): layer.scratchCount
        case .dense(let layer), .linear(let layer, _): layer.scratchCount
        case .winograd(let layer): layer.scratchCount(threads: threads)
        case .separable(let block, _): block.scratchCount
        case .quantizedConvolution(let layer): layer.scratchCount
        case .dequantized(let layer): layer.scratchCount(threads: threads)
        default: 0
        }
    }

    /// The floats that its weights take beyond the layer's own; negative where they take less.
    var extraWeightCount: Int {
        switch self {
        case .quantizedConvolution(let layer): layer.extraWeightCount
        case .quantizedDense(let layer): layer.extraWeightCount
        case .dequantized(let layer): layer.kernel.extraWeightCount
        default: 0
        }
    }

    /// The multiply-adds of one image.
    var multiplyAdds: Int {
        switch self {
        case .winograd(let layer): layer.multiplyAdds
        case .separable(let block, let stage): block.multiplyAdds(of: stage)
        case .convolution(let layer): layer.multiplyAdds
        case .depthwise(let layer): layer.multiplyAdds
        case .grouped(let layer): layer.multiplyAdds
        case .transposedConvolution(let layer): layer.multiplyAdds
        case .matrixProduct(let layer): layer.multiplyAdds
        case .dense(let layer): layer.multiplyAdds
        case .linear(let layer, let rows): layer.multiplyAdds * rows
        case .quantizedConvolution(let layer): layer.multiplyAdds
        case .quantizedDepthwise(let layer): layer.multiplyAdds
        case .quantizedDense(let layer): layer.multiplyAdds
        case .dequantized(let layer): layer.kernel.multiplyAdds
        default: 0
        }
    }

    /// The microkernel's name; empty where there is nothing to choose.
    var name: String {
        switch self {
        case .convolution(let layer): layer.kernelName
        case .winograd(let layer): layer.kernelName
        case .separable(let block, _): block.kernelName
        case .depthwise(let layer): layer.kernelName
        case .grouped(let layer): layer.kernelName
        case .transposedConvolution(let layer): layer.kernelName
        case .dense(let layer), .linear(let layer, _): layer.kernelName
        case .quantizedConvolution(let layer): layer.kernelName
        case .quantizedDepthwise(let layer): layer.kernelName
        case .quantizedDense(let layer): layer.kernelName
        case .dequantized(let layer): layer.kernel.name
        default: ""
        }
    }

    /// Whether it reads weights so large that the whole batch should use them at once.
    var takesWholeBatch: Bool {
        if case .dequantized = self { false } else { isDense }
    }

    /// Whether it is a fully connected layer.
    var isDense: Bool {
        switch self {
        case .dense, .quantizedDense: true
        case .dequantized(let layer): layer.kernel.isDense
        default: false
        }
    }
}

extension FeatureMap {
    /// Of `[C, H, W]` or `[K]`; any other array counts as a vector.
    init(_ shape: [Int]) {
        if shape.count == 3 {
            self.init(height: shape[1], width: shape[2], channels: shape[0])
        } else {
            self.init(features: shape.reduce(1, *))
        }
    }
}
