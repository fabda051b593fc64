import Compute
import Network

/// Quantised operators, computed in float32 on numbers that are whole: what they say they are, not yet faster for it.
extension ONNXImporter {
    /// `clamp(round(x / scale) + zero point)`
    mutating func quantize(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let declared = try node.integer("output_dtype").map(ONNXTensor.ElementType.init(rawValue:))
        return try quantized(
            node, try input(node, 0), scale: try input(node, 1), zeroPoint: try optionalInput(node, 2),
            type: declared.flatMap { $0.rawValue == 0 ? nil : $0 })
    }

    /// - Parameter axis: that of several scales, from the last, −1, where the operator says it and not an attribute of the node.
    mutating func quantized(
        _ node: ONNXNode, _ x: ONNXValue, scale: ONNXValue, zeroPoint: ONNXValue?,
        type declared: ONNXTensor.ElementType?, axis: Int? = nil
    ) throws(ModelFormatError) -> ONNXValue {
        try node.refuse("block_size", supported: "0: one scale for all, or one for each index of an axis")
        var type = declared ?? .uint8
        if case .floats(_, let found) = zeroPoint { type = found }
        guard let range = type.range else {
            throw node.unsupported("type", found: "\(type)", supported: "uint8, int8, uint16, int16")
        }
        let (scales, zeros) = (
            try tensor(scale, of: node),
            try zeroPoint.map { value throws(ModelFormatError) in
                try tensor(value, of: node)
            }
        )
        if scales.count == 1, let scale = scales.values.first {
            let zero = zeros?.values.first ?? 0
            let grid = QuantizationGrid(
                scale: scale, zeroPoint: zero, lower: range.lowerBound, upper: range.upperBound)
            return try apply(node, [x], type: type) { _, _ in .unary(.quantize(grid)) }
        }
        let quotient = try binary(node, .divide, x, try alongAxis(node, scale, x, axis: axis))
        var whole = try apply(node, [quotient]) { _, _ in .unary(.round) }
        if let zeroPoint { whole = try binary(node, .add, whole, try alongAxis(node, zeroPoint, x, axis: axis)) }
        return try apply(node, [whole], type: type) { _, _ in
            .activation(.clamp(lower: range.lowerBound, upper: range.upperBound))
        }
    }

    /// `(x − zero point) · scale`
    mutating func dequantize(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        try node.refuse("block_size", supported: "0: one scale for all, or one for each index of an axis")
        let (value, grid) = try dequantized(
            node, try input(node, 0), scale: try input(node, 1), zeroPoint: try optionalInput(node, 2))
        if let grid, let name = node.outputs.first { weightGrids[name] = grid }
        return value
    }

    /// - Parameter axis: as for ``quantized(_:_:scale:zeroPoint:type:axis:)``.
    mutating func dequantized(
        _ node: ONNXNode, _ x: ONNXValue, scale: ONNXValue, zeroPoint: ONNXValue?, axis: Int? = nil
    ) throws(ModelFormatError) -> (value: ONNXValue, grid: ONNXWeightGrid?) {
        let centred = try shifted(node, x, by: zeroPoint, axis: axis)
        let value = try binary(node, .multiply, centred, try alongAxis(node, scale, x, axis: axis))
        guard case .floats(let multiples, _) = centred else { return (value, nil) }
        let scales = try tensor(scale, of: node)
        let declared = try node.integer("axis") ?? 1
        let along = scales.count == 1 ? 0 : try node.axis(axis ?? Int(declared), rank: multiples.shape.count)
        return (value, ONNXWeightGrid(multiples: multiples, scales: scales, axis: along))
    }

    private mutating func shifted(
        _ node: ONNXNode, _ x: ONNXValue, by zeroPoint: ONNXValue?, axis: Int? = nil
    ) throws(ModelFormatError) -> ONNXValue {
        guard let zeroPoint else { return x }
        return try binary(node, .subtract, x, try alongAxis(node, zeroPoint, x, axis: axis))
    }

    /// One number as it is; several with axes of extent 1 around the one that they belong to.
    ///
    /// - Parameter axis: counted from the last, −1, where the operator says it and not an attribute of the node.
    private mutating func alongAxis(
        _ node: ONNXNode, _ parameter: ONNXValue, _ x: ONNXValue, axis known: Int?
    ) throws(ModelFormatError) -> ONNXValue {
        let tensor = try tensor(parameter, of: node)
        guard tensor.count > 1 else { return try constant(tensor.values.first ?? 0, node) }
        let (shape, leading) = perImage(x)
        let rank = shape.count + leading
        let declared = try node.integer("axis") ?? 1
        let axis = try node.axis(known ?? Int(declared), rank: rank)
        guard tensor.shape.count == 1 else { return .floats(tensor) }
        return try self.parameter(tensor, axis: axis, rank: rank, node)
    }

    private func parameter(
        _ tensor: Tensor, axis: Int, rank: Int, _ node: ONNXNode
    ) throws(ModelFormatError) -> ONNXValue {
        var shape = Array(repeating: 1, count: rank)
        shape[axis] = tensor.count
        guard let shaped = try? tensor.reshaped(shape) else {
            throw node.malformed("scale", expected: "one number an index", found: "shape \(tensor.shape)")
        }
        return .floats(shaped)
    }

    /// Inputs: x and its scale and zero point, w and its, the output's, and a bias in units of both scales.
    mutating func quantizedConvolution(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let x = try dequantized(
            node, try input(node, 0), scale: try input(node, 1), zeroPoint: try input(node, 2)
        ).value
        let (weights, grid) = try outputChannels(node, 3, scale: 4, zeroPoint: 5)
        var bias: Tensor?
        if let value = try optionalInput(node, 8) {
            let scales = try binary(node, .multiply, try input(node, 1), try input(node, 4))
            bias = try tensor(try binary(node, .multiply, value, scales), of: node)
        }
        let result = try convolution(node, x, weights: weights, grid: grid, bias: bias)
        return try quantized(
            node, result, scale: try input(node, 6), zeroPoint: try input(node, 7), type: nil)
    }

    /// Inputs: x, w and their zero points.
    mutating func integerConvolution(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let x = try shifted(node, try input(node, 0), by: try optionalInput(node, 2))
        let (weights, _) = try outputChannels(node, 1, scale: nil, zeroPoint: 3)
        return try convolution(node, x, weights: weights, grid: nil, bias: nil)
    }

    /// Weights `[outputs, …]` with a scale and a zero point for all, or for each output.
    private mutating func outputChannels(
        _ node: ONNXNode, _ index: Int, scale: Int?, zeroPoint: Int
    ) throws(ModelFormatError) -> (weights: Tensor, grid: ONNXWeightGrid?) {
        var weights = try weights(node, index)
        var grid: ONNXWeightGrid?
        for (parameter, function) in [(Optional(zeroPoint), BinaryFunction.subtract), (scale, .multiply)] {
            guard let parameter, let operand = try optionalInput(node, parameter) else { continue }
            let tensor = try tensor(operand, of: node)
            let shaped =
                tensor.count == 1
                ? try constant(tensor.values.first ?? 0, node)
                : try self.parameter(tensor, axis: 0, rank: weights.shape.count, node)
            if function == .multiply { grid = ONNXWeightGrid(multiples: weights, scales: tensor, axis: 0) }
            weights = try self.tensor(try binary(node, function, .floats(weights), shaped), of: node)
        }
        return (weights, grid)
    }

    /// Inputs: a and its scale and zero point, b and its, the output's.
    mutating func quantizedMatrixProduct(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let a = try dequantized(
            node, try input(node, 0), scale: try input(node, 1), zeroPoint: try input(node, 2), axis: -2
        ).value
        let (b, grid) = try dequantized(
            node, try input(node, 3), scale: try input(node, 4), zeroPoint: try input(node, 5), axis: -1)
        let product = try matrixProduct(node, a, b, grid: grid)
        return try quantized(
            node, product, scale: try input(node, 6), zeroPoint: try input(node, 7), type: nil, axis: -2)
    }

    mutating func integerMatrixProduct(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let a = try shifted(node, try input(node, 0), by: try optionalInput(node, 2), axis: -2)
        let b = try shifted(node, try input(node, 1), by: try optionalInput(node, 3), axis: -1)
        return try matrixProduct(node, a, b, type: .int32)
    }
}
