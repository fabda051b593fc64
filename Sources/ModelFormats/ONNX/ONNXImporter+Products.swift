import Compute
import Network

/// Products of matrices: dense layers where one factor is constant.
extension ONNXImporter {
    /// `α · A · B + β · C`, A and B transposed or not.
    mutating func gemm(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (a, b) = (try input(node, 0), try input(node, 1))
        let isTransposed = try (node.integer("transA") ?? 0 != 0, node.integer("transB") ?? 0 != 0)
        let (alpha, beta) = (try node.float("alpha") ?? 1, try node.float("beta") ?? 1)
        if case .features(let features) = a, features.shape.count == 1, b.isConstant, batchAxes == 1, !isTransposed.0 {
            let (weights, grid) = (try weights(node, 1), weightGrids[node.inputs[1]])
            let bias = try optionalInput(node, 2) == nil ? nil : try self.weights(node, 2)
            return try dense(
                node, features, weights, grid, isTransposed: isTransposed.1, alpha: alpha, bias: bias, beta: beta)
        }
        if isTransposed.0, !a.isConstant, batchAxes == 1 {
            throw node.unsupported("attribute 'transA'", found: "1", supported: "0: one row an image")
        }
        let (left, right) = (
            isTransposed.0 ? try swapped(node, a) : a, isTransposed.1 ? try swapped(node, b) : b
        )
        var result = try matrixProduct(node, left, right)
        if alpha != 1 { result = try binary(node, .multiply, result, try constant(alpha, node)) }
        guard let c = try optionalInput(node, 2) else { return result }
        let bias = beta == 1 ? c : try binary(node, .multiply, c, try constant(beta, node))
        return try binary(node, .add, result, bias)
    }

    /// A matrix with rows for columns.
    private mutating func swapped(_ node: ONNXNode, _ matrix: ONNXValue) throws(ModelFormatError) -> ONNXValue {
        try apply(node, [matrix]) { shapes, _ in .transpose(Array(shapes[0].indices.reversed())) }
    }

    /// `α · W · x + β · bias` of one vector an image.
    mutating func dense(
        _ node: ONNXNode, _ features: ONNXValue.Features, _ weights: Tensor, _ grid: ONNXWeightGrid?,
        isTransposed: Bool, alpha: Float, bias: Tensor?, beta: Float
    ) throws(ModelFormatError) -> ONNXValue {
        let rows = try rows(
            node, of: weights, isTransposed: isTransposed, scale: alpha, inputs: features.shape[0])
        let outputs = rows.shape[0]
        var layer = Dense(weights: rows)
        layer.weightScales = grid?.scales(along: isTransposed ? 0 : 1, outputs: outputs, factor: alpha)
        if let bias { layer.bias = try self.bias(node, bias, outputs: outputs, scale: beta) }
        return try append(node, .dense(layer), [features])
    }

    /// The weights times `scale`, as `[outputs, inputs]`.
    private mutating func rows(
        _ node: ONNXNode, of weights: Tensor, isTransposed: Bool, scale: Float, inputs: Int
    ) throws(ModelFormatError) -> Tensor {
        guard weights.shape.count == 2, weights.shape[isTransposed ? 1 : 0] == inputs else {
            throw node.malformed(
                "weights", expected: isTransposed ? "shape [outputs, \(inputs)]" : "shape [\(inputs), outputs]",
                found: "shape \(weights.shape)")
        }
        let rows = isTransposed ? weights : try transposed(node, weights)
        if scale == 1 { return rows }
        try budget.spend(4 * rows.count, for: node.location)
        return try tensor(node, shape: rows.shape, rows.values.map { scale * $0 })
    }

    /// A constant matrix `[inputs, outputs]` as a layer's `[outputs, inputs]`, in the same memory.
    private func transposed(_ node: ONNXNode, _ matrix: Tensor) throws(ModelFormatError) -> Tensor {
        do { return try matrix.transposed() } catch {
            throw node.malformed("weights", expected: "a matrix", found: "shape \(matrix.shape)")
        }
    }

    /// `scale · bias`, which may be one number, `[outputs]` or `[1, outputs]`.
    private mutating func bias(
        _ node: ONNXNode, _ bias: Tensor, outputs: Int, scale: Float
    ) throws(ModelFormatError) -> Tensor {
        guard bias.count == 1 || [[outputs], [1, outputs]].contains(bias.shape) else {
            throw node.malformed("bias", expected: "shape [\(outputs)]", found: "shape \(bias.shape)")
        }
        if scale == 1, bias.shape == [outputs] { return bias }
        try budget.spend(4 * outputs, for: node.location)
        let values = bias.count == 1 ? Array(repeating: bias.values[0], count: outputs) : bias.values
        return try tensor(node, shape: [outputs], values.map { scale * $0 })
    }

    /// As NumPy's matmul: a vector is a row on the left and a column on the right, and leaves no axis behind.
    ///
    /// - Parameter grid: of `b`.
    mutating func matrixProduct(
        _ node: ONNXNode, _ a: ONNXValue, _ b: ONNXValue, grid: ONNXWeightGrid? = nil,
        type: ONNXTensor.ElementType = .float
    ) throws(ModelFormatError) -> ONNXValue {
        if case .features(let features) = a, features.shape.count == 1, batchAxes == 1, b.isConstant {
            let weights = try tensor(b, of: node)
            guard weights.shape.count == 2, weights.shape[0] == features.shape[0] else {
                throw node.malformed(
                    "weights", expected: "shape [\(features.shape[0]), outputs]", found: "shape \(weights.shape)")
            }
            try budget.spend(4 * weights.count, for: node.location)
            let scales = grid?.scales(along: 1, outputs: weights.shape[1])
            let layer = Dense(weights: try transposed(node, weights), weightScales: scales)
            return try append(node, .dense(layer), [features])
        }
        if !a.isConstant, b.isConstant, perImage(b).shape.count == 2, perImage(a).shape.count >= 2 {
            return try linear(node, a, try tensor(b, of: node), grid)
        }
        let ranks = [a, b].map { perImage($0).shape.count }
        try checkRanks(node, [a, b])
        if a.isConstant != b.isConstant || !a.isConstant, ranks.contains(1), batchAxes == 1 {
            throw node.unsupported("inputs", found: "\(a.kind) and \(b.kind)", supported: "matrices an image")
        }
        let left = ranks[0] == 1 ? try apply(node, [a]) { shapes, _ in .reshape([1] + shapes[0]) } : a
        let right = ranks[1] == 1 ? try apply(node, [b]) { shapes, _ in .reshape(shapes[0] + [1]) } : b
        let product = try apply(node, [left, right], type: type) { _, _ in .matrixProduct }
        guard ranks.contains(1) else { return product }
        return try apply(node, [product], type: type) { shapes, _ in
            var shape = shapes[0]
            if ranks[1] == 1 { shape.removeLast() }
            if ranks[0] == 1 { shape.remove(at: shape.count - (ranks[1] == 1 ? 1 : 2)) }
            return .reshape(shape)
        }
    }

    /// Constant weights `[K, outputs]` on the last axis of activations `[…, K]`.
    private mutating func linear(
        _ node: ONNXNode, _ value: ONNXValue, _ weights: Tensor, _ grid: ONNXWeightGrid?
    ) throws(ModelFormatError) -> ONNXValue {
        let (shape, _) = perImage(value)
        guard let inputs = shape.last, inputs == weights.shape[0] else {
            throw node.malformed(
                "weights", expected: "shape [\(shape.last ?? 0), outputs]", found: "shape \(weights.shape)")
        }
        try budget.spend(4 * weights.count, for: node.location)
        let rows = try transposed(node, weights)
        let count = shape.dropLast().reduce(1, *)
        let matrix = try apply(node, [value]) { _, _ in .reshape([count, inputs]) }
        let scales = grid?.scales(along: 1, outputs: weights.shape[1])
        let product = try apply(node, [matrix]) { _, _ in .linear(Dense(weights: rows, weightScales: scales)) }
        return try apply(node, [product]) { _, _ in .reshape(shape.dropLast() + [weights.shape[1]]) }
    }
}
