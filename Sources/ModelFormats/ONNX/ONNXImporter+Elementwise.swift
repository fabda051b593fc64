import Compute
import Network

/// Functions of one and of several numbers, element by element.
extension ONNXImporter {
    mutating func unary(_ node: ONNXNode, _ function: UnaryFunction) throws(ModelFormatError) -> ONNXValue {
        try apply(node, [try input(node, 0)], type: try type(node)) { _, _ in .unary(function) }
    }

    /// Swish of opset 24: `x · sigmoid(α·x)`.
    mutating func swish(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (x, alpha) = (try input(node, 0), try node.float("alpha") ?? 1)
        if alpha == 1 { return try unary(node, .silu) }
        let scaled = try binary(node, .multiply, x, try constant(alpha, node))
        let gate = try apply(node, [scaled]) { _, _ in .unary(.sigmoid) }
        return try binary(node, .multiply, x, gate)
    }

    mutating func clip(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        // Attributes until operator set 10, inputs since.
        let (lower, upper) =
            operatorSet < 11
            ? (try node.float("min"), try node.float("max")) : (try scalar(node, 1), try scalar(node, 2))
        let bounds = (lower: lower ?? -.infinity, upper: upper ?? .infinity)
        if bounds.lower > bounds.upper {
            // Since opset 13 every element is then max.
            let ceiling = try binary(node, .minimum, try input(node, 0), try constant(bounds.upper, node))
            return try binary(node, .maximum, ceiling, try constant(bounds.upper, node))
        }
        return try apply(node, [try input(node, 0)], type: try type(node)) { _, _ in
            .activation(.clamp(lower: bounds.lower, upper: bounds.upper))
        }
    }

    /// One function of all inputs, from the first on.
    mutating func fold(_ node: ONNXNode, _ function: BinaryFunction) throws(ModelFormatError) -> ONNXValue {
        var result = try input(node, 0)
        for index in node.inputs.indices.dropFirst() {
            result = try binary(node, function, result, try input(node, index), type: try type(node))
        }
        return result
    }

    mutating func quotient(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (a, b, type) = (try input(node, 0), try input(node, 1), try type(node))
        let quotient = try binary(node, .divide, a, b, type: type)
        return type.isWhole ? try truncated(node, quotient, type) : quotient
    }

    mutating func parametricReLU(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        try binary(node, .prelu, try input(node, 0), try input(node, 1), type: try type(node))
    }

    /// A function of two values, broadcast to each other.
    mutating func binary(
        _ node: ONNXNode, _ function: BinaryFunction, _ a: ONNXValue, _ b: ONNXValue,
        type: ONNXTensor.ElementType = .float
    ) throws(ModelFormatError) -> ONNXValue {
        try apply(node, [a, b], type: type) { shapes, _ in
            // What layers can add on the way.
            function == .add && shapes[0] == shapes[1] ? .add(.identity) : .binary(function)
        }
    }

    /// One number.
    func constant(_ number: Float, _ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        .floats(try tensor(node, shape: [], [number]))
    }

    /// Toward zero.
    mutating func truncated(
        _ node: ONNXNode, _ value: ONNXValue, _ type: ONNXTensor.ElementType
    ) throws(ModelFormatError) -> ONNXValue {
        guard value.isConstant else {
            throw node.unsupported("input 0", found: value.kind, supported: "constants of this type")
        }
        let tensor = try tensor(value, of: node)
        let values = tensor.values.map { $0.rounded(.towardZero) }
        if type == .int64,
            let whole = IntegerTensor(
                shape: tensor.shape, elements: values.map { .value(Int(exactly: $0) ?? 0) })
        {
            return .integers(whole)
        }
        return .floats(try self.tensor(node, shape: tensor.shape, values), type: type)
    }

    func tensor(_ node: ONNXNode, shape: [Int], _ values: [Float]) throws(ModelFormatError) -> Tensor {
        do { return try Tensor(shape: shape, values: values) } catch {
            throw node.malformed("constant", expected: "a tensor", found: "\(error)")
        }
    }
}

extension ONNXTensor.ElementType {
    /// Integers and truth values.
    var isWhole: Bool { ![.float, .float16, .bfloat16, .double].contains(self) }

    /// What a quantised number of this type can be; `nil` for other types.
    var range: ClosedRange<Float>? {
        switch self {
        case .uint8: 0...255
        case .int8: -128...127
        case .uint16: 0...65535
        case .int16: -32768...32767
        default: nil
        }
    }
}
