import Compute
import Network

/// Activations: functions by name, and layers.
extension KerasImporter {
    /// The functions of `keras.activations` that are read.
    private static let functions = [
        "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "hard_sigmoid", "tanh", "silu",
        "swish",
        "hard_silu", "hard_swish", "mish", "softplus", "softsign", "exponential", "softmax", "log_softmax",
    ]

    /// The field `activation`: a function's name, a function or a layer of its own.
    mutating func activate(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        let value = layer.config["activation"]
        if value == .null { return input }
        if let name = value.string { return try function(layer, name, input) }
        let (className, module) = (value["class_name"].string ?? "", value["module"].string ?? "keras")
        let registered = value["registered_name"].string ?? className
        guard registered == className, module == "builtins" || module == "keras" || module.hasPrefix("keras.") else {
            throw customFunction(layer, registered)
        }
        switch className {
        case "function": return try function(layer, value["config"].string ?? "", input)
        case "ReLU": return try relu(layer, value["config"], input)
        case "LeakyReLU": return try leakyReLU(layer, value["config"], input)
        case "ELU": return try elu(layer, value["config"], input)
        default:
            throw layer.unsupported(
                "activation", found: "\(value)",
                supported: "\(Self.functions.joined(separator: ", ")) and layers ReLU, LeakyReLU, ELU")
        }
    }

    private func customFunction(_ layer: KerasLayer, _ name: String) -> ModelFormatError {
        layer.unsupported(
            "activation", found: "the custom object \(name.quoted), which is Python code",
            supported: Self.functions.joined(separator: ", "))
    }

    private mutating func function(
        _ layer: KerasLayer, _ name: String, _ input: Value
    ) throws(ModelFormatError) -> Value {
        let operation: Operation
        switch name {
        case "linear": return input
        case "relu": operation = .activation(.relu)
        case "relu6": operation = .activation(.relu6)
        case "leaky_relu": operation = .unary(.leakyReLU(alpha: 0.2))
        case "elu": operation = .unary(.elu(alpha: 1))
        // Klambauer et al. 2017.
        case "selu": operation = .unary(.selu(alpha: 1.673_263_2, gamma: 1.050_701))
        case "gelu": operation = .unary(.gelu)
        case "sigmoid": operation = .unary(.sigmoid)
        // Keras 3 took over PyTorch's, which is another.
        case "hard_sigmoid": operation = .unary(.hardSigmoid(alpha: model.version >= 3 ? 1 / 6 : 0.2, beta: 0.5))
        case "tanh": operation = .unary(.tanh)
        case "silu", "swish": operation = .unary(.silu)
        case "hard_silu", "hard_swish": operation = .unary(.hardSwish)
        case "mish": operation = .unary(.mish)
        case "softplus": operation = .unary(.softplus)
        case "softsign": operation = .unary(.softsign)
        case "exponential": operation = .unary(.exp)
        case "softmax": operation = .softmax(axis: channelAxis(input))
        case "log_softmax": operation = .logSoftmax(axis: channelAxis(input))
        case _ where name.contains(">"): throw customFunction(layer, name)
        default:
            throw layer.unsupported(
                "activation", found: name.quoted, supported: Self.functions.joined(separator: ", "))
        }
        return try append(layer, operation, [input], shape: input.shape)
    }

    /// Keras' last axis.
    private func channelAxis(_ input: Value) -> Int { input.isMap ? 0 : input.shape.count - 1 }

    mutating func relu(
        _ layer: KerasLayer, _ config: JSONValue, _ input: Value
    ) throws(ModelFormatError) -> Value {
        let (slope, upper) = (Self.number(config["negative_slope"]) ?? 0, Self.number(config["max_value"]) ?? .infinity)
        guard (Self.number(config["threshold"]) ?? 0) == 0, upper >= 0 else {
            throw layer.unsupported(
                "threshold, max_value", found: "\(config["threshold"]), \(config["max_value"])",
                supported: "0, and null or a positive number")
        }
        if slope == 0 {
            return try append(layer, .activation(.clamp(lower: 0, upper: upper)), [input], shape: input.shape)
        }
        let leaky = try append(layer, .unary(.leakyReLU(alpha: slope)), [input], shape: input.shape)
        return upper == .infinity
            ? leaky
            : try append(layer, .activation(.clamp(lower: -.infinity, upper: upper)), [leaky], shape: input.shape)
    }

    /// The slope is called `alpha` before Keras 3.
    mutating func leakyReLU(
        _ layer: KerasLayer, _ config: JSONValue, _ input: Value
    ) throws(ModelFormatError) -> Value {
        let slope = Self.number(config["negative_slope"]) ?? Self.number(config["alpha"]) ?? 0.3
        return try append(layer, .unary(.leakyReLU(alpha: slope)), [input], shape: input.shape)
    }

    mutating func elu(_ layer: KerasLayer, _ config: JSONValue, _ input: Value) throws(ModelFormatError) -> Value {
        try append(
            layer, .unary(.elu(alpha: Self.number(config["alpha"]) ?? 1)), [input], shape: input.shape)
    }

    mutating func softmax(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        let axis = Self.axis(try layer.axis(rank: input.shape.count + 1), of: input)
        return try append(layer, .softmax(axis: axis), [input], shape: input.shape)
    }

    /// `x < 0 ? α·x : x`; α is `[H, W, C]`, with 1 in place of an axis that shares it.
    mutating func prelu(
        _ layer: KerasLayer, _ input: Value, _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Value {
        let shared = (layer.config["shared_axes"].array ?? []).prefix(input.shape.count).compactMap(\.integer)
        var shape = input.isMap ? [input.shape[1], input.shape[2], input.shape[0]] : input.shape
        for index in shape.indices where shared.contains(index + 1) { shape[index] = 1 }
        let slopes =
            input.isMap
            ? try kernel("alpha", shape, as: [shape[2], 1, shape[0], shape[1]], &variables)
            : try weight("alpha", shape, &variables)
        let slope = try constant(layer, slopes, shape: input.isMap ? [shape[2], shape[0], shape[1]] : shape)
        return try append(layer, .binary(.prelu), [input, slope], shape: input.shape)
    }

    /// A number, or NumPy's as Keras 2 wrote some: `{"class_name": …, "config": {"value": …}}`.
    private static func number(_ value: JSONValue) -> Float? {
        (value.number ?? value["config"]["value"].number ?? value["value"].number).map { Float($0) }
    }

    /// Ours of one of Keras' axes, of which 0 is the batch.
    static func axis(_ axis: Int, of value: Value) -> Int { value.isMap ? axis % 3 : axis - 1 }
}
