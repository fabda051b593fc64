import Compute
import Network

/// Operators of ``ONNXRuntimeOperator``: each number becomes what it stands for, and the result is quantised again.
extension ONNXImporter {
    mutating func runtimeOperator(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        guard let operation = ONNXRuntimeOperator(rawValue: node.operatorName) else {
            throw node.unsupported(
                "operator", found: "\(node.operatorName.quoted) of domain \(node.domain.quoted)",
                supported: ONNXRuntimeOperator.allCases.map(\.rawValue).joined(separator: ", ") + " of that domain")
        }
        switch operation {
        case .qGemm: return try quantizedGemm(node)
        case .qLinearAdd: return try quantizedBinary(node, .add)
        case .qLinearMul: return try quantizedBinary(node, .multiply)
        case .qLinearConcat: return try quantizedConcat(node)
        case .qLinearAveragePool:
            try node.refuse("channels_last", supported: "0: [N, C, H, W]")
            let mean = try averagePool(node, try dequantized(node, 0))
            return try quantized(node, mean, 3)
        case .qLinearGlobalAveragePool:
            try node.refuse("channels_last", supported: "0: [N, C, H, W]")
            let mean = try globalPool(node, try dequantized(node, 0), .mean)
            return try quantized(node, mean, 3)
        case .qLinearLeakyRelu:
            let alpha = try node.float("alpha") ?? 0.01
            return try quantizedUnary(node, .leakyReLU(alpha: alpha))
        case .qLinearSigmoid: return try quantizedUnary(node, .sigmoid)
        }
    }

    /// Inputs: x and its scale and zero point, the result's.
    private mutating func quantizedUnary(
        _ node: ONNXNode, _ function: UnaryFunction
    ) throws(ModelFormatError) -> ONNXValue {
        let x = try dequantized(node, 0)
        return try quantized(node, try apply(node, [x]) { _, _ in .unary(function) }, 3)
    }

    /// Inputs: a and its scale and zero point, b and its, the result's.
    private mutating func quantizedBinary(
        _ node: ONNXNode, _ function: BinaryFunction
    ) throws(ModelFormatError) -> ONNXValue {
        let (a, b) = (try dequantized(node, 0), try dequantized(node, 3))
        return try quantized(node, try binary(node, function, a, b), 6)
    }

    /// Inputs: the result's scale and zero point, then each part and its.
    private mutating func quantizedConcat(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        guard node.inputs.count >= 5, node.inputs.count % 3 == 2 else {
            throw node.malformed(
                "inputs", expected: "a scale and a zero point, and three for each part", found: "\(node.inputs.count)")
        }
        guard let axis = try node.integer("axis") else {
            throw node.malformed("attribute 'axis'", expected: "an integer", found: "none")
        }
        var parts: [ONNXValue] = []
        for index in stride(from: 2, to: node.inputs.count, by: 3) { parts.append(try dequantized(node, index)) }
        let whole = try apply(node, parts) { shapes, leading throws(ModelFormatError) in
            .concatenate(axis: try node.axis(Int(axis), of: shapes[0], leading: leading))
        }
        return try quantized(node, whole, 0)
    }

    /// `α · (A · B + C)`. Inputs: a and its scale and zero point, b and its, c in units of both scales or none, and the result's,
    /// or none, where it is of floats.
    private mutating func quantizedGemm(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        try node.refuse("transA", supported: "0: one row an image")
        let isTransposed = try node.integer("transB") ?? 0 != 0
        let a = try dequantized(node, 0)
        guard case .features(let features) = a, features.shape.count == 1 else {
            throw node.unsupported("input 0", found: a.kind, supported: "one row an image")
        }
        // One scale for all, or for each output.
        let (b, grid) = try dequantized(
            node, try input(node, 3), scale: try input(node, 4), zeroPoint: try optionalInput(node, 5),
            axis: isTransposed ? -2 : -1)
        let weights = try tensor(b, of: node)
        try budget.spend(4 * weights.count, for: node.location)
        var bias: Tensor?
        if let c = try optionalInput(node, 6) {
            let units = try binary(node, .multiply, try input(node, 1), try input(node, 4))
            bias = try tensor(try binary(node, .multiply, c, units), of: node)
        }
        let alpha = try node.float("alpha") ?? 1
        let result = try dense(
            node, features, weights, grid, isTransposed: isTransposed, alpha: alpha, bias: bias, beta: alpha)
        return try optionalInput(node, 7) == nil ? result : try quantized(node, result, 7)
    }

    /// Input `index`, whose scale and zero point follow it.
    private mutating func dequantized(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> ONNXValue {
        try checkScale(node, index + 1)
        return try dequantized(
            node, try input(node, index), scale: try input(node, index + 1),
            zeroPoint: try optionalInput(node, index + 2)
        ).value
    }

    /// The result; its scale is input `index`, and its zero point, which has its type, the next.
    private mutating func quantized(
        _ node: ONNXNode, _ result: ONNXValue, _ index: Int
    ) throws(ModelFormatError) -> ONNXValue {
        try checkScale(node, index)
        return try quantized(
            node, result, scale: try input(node, index), zeroPoint: try input(node, index + 1), type: nil)
    }

    /// Refuses more than one scale, input `index`, and more than one zero point behind it.
    private mutating func checkScale(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) {
        for index in index...index + 1 { _ = try scalar(node, index) }
    }
}
