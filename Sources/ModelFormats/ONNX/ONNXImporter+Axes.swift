import Compute
import Network

/// Softmax and reductions, along axes.
extension ONNXImporter {
    mutating func softmax(_ node: ONNXNode, isLogarithmic: Bool) throws(ModelFormatError) -> ONNXValue {
        let value = try input(node, 0)
        let given = Int(try node.integer("axis") ?? (operatorSet < 13 ? 1 : -1))
        if operatorSet >= 13 {
            return try apply(node, [value]) { shapes, leading throws(ModelFormatError) in
                let axis = try node.axis(given, of: shapes[0], leading: leading)
                return isLogarithmic ? .logSoftmax(axis: axis) : .softmax(axis: axis)
            }
        }
        // Until operator set 12 it was over all axes from this one on.
        var shape: [Int] = []
        let matrix = try apply(node, [value]) { shapes, leading throws(ModelFormatError) in
            shape = shapes[0]
            let axis = try node.axis(given, of: shape, leading: leading)
            let rows = shape[..<axis].reduce(1, *)
            return .reshape(rows == 1 ? [shape.reduce(1, *)] : [rows, shape[axis...].reduce(1, *)])
        }
        let result = try apply(node, [matrix]) { shapes, _ in
            isLogarithmic ? .logSoftmax(axis: shapes[0].count - 1) : .softmax(axis: shapes[0].count - 1)
        }
        return try apply(node, [result]) { _, _ in .reshape(shape) }
    }

    /// - Parameter axesSince: the operator set since which the axes are an input.
    mutating func reduce(
        _ node: ONNXNode, _ reduction: Reduction, axesSince: Int64
    ) throws(ModelFormatError) -> ONNXValue {
        let value = try input(node, 0)
        var given = try node.integers("axes")
        if operatorSet >= axesSince {
            given = try optionalInput(node, 1) == nil ? nil : try knownIntegers(node, 1)
        }
        if given?.isEmpty == true { given = nil }
        if given == nil, try node.integer("noop_with_empty_axes") ?? 0 != 0 { return value }
        let keeps = try node.integer("keepdims") ?? 1 != 0
        let type = try type(node)
        var kept: [Int] = []
        let reduced = try apply(node, [value], type: type) { shapes, leading throws(ModelFormatError) in
            var axes: [Int] = []
            if let given {
                for axis in given { axes.append(try node.axis(axis, of: shapes[0], leading: leading)) }
            } else if leading > 0 {
                throw node.unsupported(
                    "axes", found: "all, those of the images too", supported: "axes within one image")
            } else {
                axes = Array(shapes[0].indices)
            }
            kept = shapes[0].indices.filter { !axes.contains($0) }.map { shapes[0][$0] }
            let isMap = shapes[0].count == 3 && Set(axes) == [1, 2] && leading > 0
            return isMap && reduction == .mean ? .globalAveragePool : .reduce(reduction, axes: axes)
        }
        return keeps ? reduced : try apply(node, [reduced], type: type) { _, _ in .reshape(kept) }
    }
}
