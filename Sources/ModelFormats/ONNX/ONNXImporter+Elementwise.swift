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
        if case .integers = quotient { return quotient }
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
        try checkRanks(node, [a, b])
        if case (.integers(let first), .integers(let second)) = (a, b),
            let result = try integers(node, function, first, second)
        {
            return .integers(result)
        }
        return try apply(node, [a, b], type: type) { shapes, _ in
            // What layers can add on the way.
            function == .add && shapes[0] == shapes[1] ? .add(.identity) : .binary(function)
        }
    }

    /// ONNX aligns axes from the last, those of the images too: activations of different rank would mix images.
    func checkRanks(_ node: ONNXNode, _ values: [ONNXValue]) throws(ModelFormatError) {
        let ranks = values.filter { !$0.isConstant }.map { perImage($0).shape.count }
        guard batchAxes == 0 || Set(ranks).count <= 1 else {
            throw node.unsupported(
                "inputs", found: values.map(\.kind).joined(separator: " and "),
                supported: "activations of equal rank: others would be matched with the images' axis")
        }
    }

    /// Arithmetic on shapes, exact; `nil` for functions that are not of integers.
    private func integers(
        _ node: ONNXNode, _ function: BinaryFunction, _ a: IntegerTensor, _ b: IntegerTensor
    ) throws(ModelFormatError) -> IntegerTensor? {
        let exact: (Int, Int) -> (partialValue: Int, overflow: Bool)
        switch function {
        case .add: exact = { $0.addingReportingOverflow($1) }
        case .subtract: exact = { $0.subtractingReportingOverflow($1) }
        case .multiply: exact = { $0.multipliedReportingOverflow(by: $1) }
        case .divide: exact = { $0.dividedReportingOverflow(by: $1) }
        case .maximum: exact = { (max($0, $1), false) }
        case .minimum: exact = { (min($0, $1), false) }
        case .power, .prelu: return nil
        }
        return try a.combined(with: b) { x, y throws(ModelFormatError) in
            let (result, overflow) = exact(x, y)
            guard !overflow else {
                throw node.malformed("inputs", expected: "integers with a result", found: "\(x) and \(y)")
            }
            return result
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
        return try number(try self.tensor(node, shape: tensor.shape, values), type, of: node)
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
