import Compute
import Network

/// Layers with kernels. A kernel is `[height, width, input channels / groups, output channels]`.
extension KerasImporter {
    mutating func convolution(
        _ layer: KerasLayer, _ input: Value, _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Value {
        let (channels, _, _) = try map(layer, input)
        let (outputs, groups) = (try layer.integer("filters"), try layer.integer("groups", or: 1))
        guard channels.isMultiple(of: groups), outputs.isMultiple(of: groups) else {
            throw layer.malformed(
                "groups", expected: "a divisor of \(channels) and \(outputs) channels", found: "\(groups)")
        }
        let kernel = try layer.pair("kernel_size")
        let (window, height, width) = try window(
            layer, kernel: kernel, strides: layer.pair("strides", or: [1, 1]), input)
        let weights = try self.kernel(
            "kernel", kernel + [channels / groups, outputs], as: [outputs, channels / groups] + kernel, &variables)
        let convolution = Convolution(
            weights: weights, bias: try bias(outputs, &variables), window: window, groups: groups)
        let output = try append(layer, .convolution(convolution), [input], shape: [outputs, height, width])
        return try activate(layer, output)
    }

    mutating func depthwiseConvolution(
        _ layer: KerasLayer, _ input: Value, _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Value {
        let (window, shape, weights) = try depthwise(layer, input, &variables)
        let convolution = Convolution(
            weights: weights, bias: try bias(shape[0], &variables), window: window, groups: input.shape[0])
        return try activate(layer, try append(layer, .convolution(convolution), [input], shape: shape))
    }

    /// A depthwise convolution, then one of 1×1, which alone has a bias.
    mutating func separableConvolution(
        _ layer: KerasLayer, _ input: Value, _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Value {
        let (window, shape, weights) = try depthwise(layer, input, &variables)
        let depthwise = Convolution(weights: weights, window: window, groups: input.shape[0])
        let middle = try append(layer, .convolution(depthwise), [input], shape: shape)
        let outputs = try layer.integer("filters")
        let pointwise = Convolution(
            weights: try kernel(
                "pointwise_kernel", [1, 1, shape[0], outputs], as: [outputs, shape[0], 1, 1], &variables),
            bias: try bias(outputs, &variables), window: Window(kernel: 1))
        return try activate(
            layer, try append(layer, .convolution(pointwise), [middle], shape: [outputs] + shape.dropFirst()))
    }

    /// Output `channel × multiplier + m` sees `channel` only.
    private mutating func depthwise(
        _ layer: KerasLayer, _ input: Value, _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> (window: Window, shape: [Int], weights: Tensor) {
        let (channels, _, _) = try map(layer, input)
        let (multiplier, kernel) = (try layer.integer("depth_multiplier", or: 1), try layer.pair("kernel_size"))
        let (window, height, width) = try window(
            layer, kernel: kernel, strides: layer.pair("strides", or: [1, 1]), input)
        let name = layer.kind == .depthwiseConv2D && model.version >= 3 ? "kernel" : "depthwise_kernel"
        let weights = try self.kernel(
            name, kernel + [channels, multiplier], as: [channels * multiplier, 1] + kernel, &variables)
        return (window, [channels * multiplier, height, width], weights)
    }

    /// Its kernel is `[height, width, output channels, input channels]`.
    mutating func transposedConvolution(
        _ layer: KerasLayer, _ input: Value, _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Value {
        let (channels, height, width) = try map(layer, input)
        guard layer.config["output_padding"] == .null, try layer.pair("dilation_rate", or: [1, 1]) == [1, 1],
            try layer.integer("groups", or: 1) == 1
        else {
            throw layer.unsupported(
                "output_padding, dilation_rate, groups",
                found: "\(layer.config["output_padding"]), \(layer.config["dilation_rate"]), \(layer.config["groups"])",
                supported: "null, 1, 1")
        }
        let (outputs, kernel) = (try layer.integer("filters"), try layer.pair("kernel_size"))
        let (strides, isSame) = (try layer.pair("strides", or: [1, 1]), try isSame(layer))
        // Extents and strides are at most 2^16.
        var (extents, before, after) = ([Int](), [Int](), [Int]())
        for (axis, extent) in [height, width].enumerated() {
            extents.append(extent * strides[axis] + (isSame ? 0 : max(0, kernel[axis] - strides[axis])))
            // Those of the convolution that it is the transpose of.
            let padding = isSame ? max(0, (extent - 1) * strides[axis] + kernel[axis] - extents[axis]) : 0
            before.append(padding / 2)
            after.append(padding - padding / 2)
        }
        let window = Window(
            kernelHeight: kernel[0], kernelWidth: kernel[1], strideHeight: strides[0], strideWidth: strides[1],
            padding: EdgeInsets(top: before[0], left: before[1], bottom: after[0], right: after[1]))
        let convolution = TransposedConvolution(
            weights: try self.kernel(
                "kernel", kernel + [outputs, channels], as: [channels, outputs] + kernel, &variables),
            bias: try bias(outputs, &variables), window: window, outputSize: (extents[0], extents[1]))
        let output = try append(layer, .transposedConvolution(convolution), [input], shape: [outputs] + extents)
        return try activate(layer, output)
    }

    /// Over a vector; over a map, which Keras takes pixel by pixel, it is a convolution of 1×1.
    mutating func dense(
        _ layer: KerasLayer, _ input: Value, _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Value {
        let outputs = try layer.integer("units", in: 1...1 << 24)
        guard input.shape.count == 1 || input.isMap else {
            throw layer.unsupported("input", found: "shape \(input.shape)", supported: "a vector or a map")
        }
        let inputs = input.shape[0]
        let shape = [outputs, inputs] + (input.isMap ? [1, 1] : [])
        let weights = try kernel("kernel", [inputs, outputs], as: shape, &variables)
        let bias = try bias(outputs, &variables)
        let operation: Operation =
            input.isMap
            ? .convolution(Convolution(weights: weights, bias: bias, window: Window(kernel: 1)))
            : .dense(Dense(weights: weights, bias: bias))
        return try activate(layer, try append(layer, operation, [input], shape: [outputs] + input.shape.dropFirst()))
    }

    private mutating func bias(_ count: Int, _ variables: inout KerasVariables) throws(ModelFormatError) -> Tensor? {
        try variables.layer.bool("use_bias", or: true) ? try weight("bias", [count], &variables) : nil
    }
}
