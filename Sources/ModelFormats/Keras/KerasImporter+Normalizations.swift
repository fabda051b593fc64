import Compute
import Network

/// Layers that shift and scale channels.
extension KerasImporter {
    /// `scale · x + offset`
    mutating func rescaling(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        notePixels(input)
        let scale = try perChannel(layer, "scale", input)
        let offset = layer.config["offset"] == .null ? scale.map { _ in 0 } : try perChannel(layer, "offset", input)
        return try affine(layer, input, scale: scale, bias: offset)
    }

    /// `(x − mean) / max(√variance, 10⁻⁷)`, or its inverse; statistics are weights where `adapt` found them.
    mutating func normalization(
        _ layer: KerasLayer, _ input: Value, _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Value {
        notePixels(input)
        let (mean, variance): ([Float], [Float])
        let channels = input.shape[0]
        let isGiven = !["mean", "variance"].contains { layer.config[$0] == .null }
        if isGiven {
            (mean, variance) = (try perChannel(layer, "mean", input), try perChannel(layer, "variance", input))
        } else {
            try checkAxis(layer, input)
            mean = try weight("mean", [channels], &variables).values
            variance = try weight("variance", [channels], &variables).values
        }
        let deviation = variance.map { max($0.squareRoot(), 1e-7) }
        guard deviation.allSatisfy({ $0.isFinite }) else {
            throw layer.malformed("variance", expected: "numbers of at least 0", found: "others")
        }
        if try layer.bool("invert", or: false) { return try affine(layer, input, scale: deviation, bias: mean) }
        return try affine(
            layer, input, scale: deviation.map { 1 / $0 }, bias: zip(mean, deviation).map { -$0 / $1 })
    }

    mutating func batchNormalization(
        _ layer: KerasLayer, _ input: Value, _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Value {
        try checkAxis(layer, input)
        let channels = [input.shape[0]]
        let scale = try scale(layer, "scale", channels, &variables)
        let bias = try offset(layer, "center", channels, &variables)
        let normalization = BatchNormalization(
            scale: scale, bias: bias, mean: try weight("moving_mean", channels, &variables),
            variance: try weight("moving_variance", channels, &variables), epsilon: try epsilon(layer))
        return try append(layer, .batchNormalization(normalization), [input], shape: input.shape)
    }

    mutating func layerNormalization(
        _ layer: KerasLayer, _ input: Value, _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Value {
        try checkAxis(layer, input)
        guard try !layer.bool("rms_scaling", or: false) else {
            throw layer.unsupported("rms_scaling", found: "true", supported: "false")
        }
        let channels = [input.shape[0]]
        let normalization = LayerNormalization(
            scale: try scale(layer, "scale", channels, &variables),
            bias: try offset(layer, "center", channels, &variables), epsilon: try epsilon(layer))
        return try append(layer, .layerNormalization(normalization), [input], shape: input.shape)
    }

    private mutating func scale(
        _ layer: KerasLayer, _ field: String, _ shape: [Int], _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Tensor {
        try layer.bool(field, or: true)
            ? try weight("gamma", shape, &variables) : try tensor(layer, [Float](repeating: 1, count: shape[0]))
    }

    private mutating func offset(
        _ layer: KerasLayer, _ field: String, _ shape: [Int], _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Tensor {
        try layer.bool(field, or: true)
            ? try weight("beta", shape, &variables) : try tensor(layer, [Float](repeating: 0, count: shape[0]))
    }

    private func epsilon(_ layer: KerasLayer) throws(ModelFormatError) -> Float {
        let epsilon = try layer.number("epsilon", or: 1e-3)
        guard epsilon >= 0 else { throw layer.malformed("epsilon", expected: "at least 0", found: "\(epsilon)") }
        return epsilon
    }

    private mutating func affine(
        _ layer: KerasLayer, _ input: Value, scale: [Float], bias: [Float]
    ) throws(ModelFormatError) -> Value {
        let normalization = BatchNormalization(
            scale: try tensor(layer, scale), bias: try tensor(layer, bias),
            mean: try tensor(layer, scale.map { _ in 0 }), variance: try tensor(layer, scale.map { _ in 1 }), epsilon: 0
        )
        return try append(layer, .batchNormalization(normalization), [input], shape: input.shape)
    }

    /// One number for all channels, or one each.
    private mutating func perChannel(
        _ layer: KerasLayer, _ field: String, _ input: Value
    ) throws(ModelFormatError) -> [Float] {
        try checkRank(layer, input)
        let numbers = try layer.numbers(field)
        if numbers.count == 1 { return [Float](repeating: numbers[0], count: input.shape[0]) }
        guard numbers.count == input.shape[0] else {
            throw layer.malformed(field, expected: "1 or \(input.shape[0]) numbers", found: "\(numbers.count)")
        }
        return numbers
    }

    private mutating func checkAxis(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) {
        try checkRank(layer, input)
        try layer.checkLastAxis(rank: input.shape.count + 1)
    }

    /// Four vectors at most are made of nothing but the number of channels.
    private mutating func checkRank(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) {
        guard input.isMap || input.shape.count == 1 else {
            throw layer.unsupported("input", found: "shape \(input.shape)", supported: "a map or a vector")
        }
        try budget.spend(4 * MemoryLayout<Float>.size * input.shape[0], for: layer.location)
    }

    private mutating func notePixels(_ input: Value) { if pixels.contains(input.id) { scalesPixels = true } }
}
