import Compute

/// An operation made ready for one shape of input: weights packed, offsets computed.
enum Kernel: Sendable {
    case convolution(DenseConvolution)
    case depthwise(DepthwiseConvolution)
    case affine(ChannelAffine)
    case activation(ElementwiseActivation)
    case maxPool(MaxPooling)
    case averagePool(AveragePooling)
    case globalAveragePool(GlobalAveragePooling)
    case dense(DenseLayer)
    case add(Addition)
    case pad(ZeroPadding)
    case flatten(ChannelsFirst)
    case softmax(Softmax)

    init(_ operation: Operation, input shape: [Int], kernels: KernelTable) throws {
        let map = FeatureMap(shape)
        switch operation {
        case .convolution(let layer) where layer.groups == 1:
            self = .convolution(
                try DenseConvolution(
                    weights: layer.weights, bias: layer.bias, window: layer.window, input: map,
                    activation: layer.activation, kernels: kernels))
        case .convolution(let layer):
            self = .depthwise(
                try DepthwiseConvolution(
                    weights: layer.weights, bias: layer.bias, window: layer.window, input: map,
                    activation: layer.activation, kernels: kernels))
        case .batchNormalization(let normalization):
            let (scale, shift) = normalization.affine
            self = .affine(
                try ChannelAffine(
                    scale: Tensor(shape: [scale.count], values: scale.map(Float.init)),
                    shift: Tensor(shape: [shift.count], values: shift.map(Float.init)), map: map,
                    activation: .identity, kernels: kernels))
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
                    kernels: kernels))
        case .add(let activation):
            self = .add(try Addition(map: map, activation: activation, kernels: kernels))
        case .pad(let insets): self = .pad(try ZeroPadding(insets: insets, input: map))
        case .flatten: self = .flatten(try ChannelsFirst(map: map))
        case .softmax: self = .softmax(try Softmax(features: map.count))
        }
    }

    /// Computes `images` images, from and to consecutive memory; `second` is the residual or the other summand.
    func run(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>?, to output: UnsafeMutablePointer<Float>,
        images: Int, pool: ComputePool?
    ) {
        switch self {
        case .convolution(let layer):
            layer.run(input: first, residual: second, output: output, images: images, pool: pool)
        case .depthwise(let layer):
            layer.run(input: first, residual: second, output: output, images: images, pool: pool)
        case .affine(let layer): layer.run(input: first, output: output, images: images, pool: pool)
        case .activation(let layer): layer.run(input: first, output: output, images: images, pool: pool)
        case .maxPool(let layer): layer.run(input: first, output: output, images: images, pool: pool)
        case .averagePool(let layer): layer.run(input: first, output: output, images: images, pool: pool)
        case .globalAveragePool(let layer): layer.run(input: first, output: output, images: images, pool: pool)
        case .dense(let layer): layer.run(input: first, output: output, images: images, pool: pool)
        case .add(let layer):
            layer.run(first, second ?? first, output: output, images: images, pool: pool)
        case .pad(let layer): layer.run(input: first, output: output, images: images, pool: pool)
        case .flatten(let layer): layer.run(input: first, output: output, images: images, pool: pool)
        case .softmax(let layer): layer.run(input: first, output: output, images: images, pool: pool)
        }
    }

    /// The multiply-adds of one image.
    var multiplyAdds: Int {
        switch self {
        case .convolution(let layer): layer.multiplyAdds
        case .depthwise(let layer): layer.multiplyAdds
        case .dense(let layer): layer.multiplyAdds
        default: 0
        }
    }

    /// The microkernel's name; empty where there is nothing to choose.
    var name: String {
        switch self {
        case .convolution(let layer): layer.kernelName
        case .depthwise(let layer): layer.kernelName
        case .dense(let layer): layer.kernelName
        default: ""
        }
    }

    /// Whether it reads weights so large that the whole batch should use them at once.
    var takesWholeBatch: Bool {
        if case .dense = self { true } else { false }
    }
}

extension FeatureMap {
    /// Of `[C, H, W]` or `[K]`.
    init(_ shape: [Int]) {
        if shape.count == 3 {
            self.init(height: shape[1], width: shape[2], channels: shape[0])
        } else {
            self.init(features: shape.reduce(1, *))
        }
    }
}
