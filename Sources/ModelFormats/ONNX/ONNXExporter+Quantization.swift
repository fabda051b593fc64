import Compute
import Network

/// Numbers on grids as ONNX's QDQ format has them: whole ones, and a `DequantizeLinear` that makes them real. Engines that
/// compute with integers look for it (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html).
extension ONNXExporter {
    /// `nil` where ONNX has no type of the grid's whole numbers.
    ///
    /// - Parameter suffix: behind the name, of a rounding that is not a node of the graph.
    mutating func roundingLinks(_ grid: QuantizationGrid, _ name: String, suffix: String? = nil) -> [Link]? {
        guard let type = grid.elementType else { return nil }
        let parameters = [
            scalar("\(name).scale", grid.scale),
            wholes("\(name).zero_point", type, shape: [], [Int(grid.zeroPoint)]),
        ]
        return [
            Link(.quantizeLinear, suffix: suffix, inputs: parameters),
            Link(.dequantizeLinear, suffix: "dequantized", inputs: parameters),
        ]
    }

    /// What lies on a grid already is rounded to it once more for those who compute with it: an operator of integers is, to other
    /// engines, one of reals between a `DequantizeLinear` and a `QuantizeLinear`.
    mutating func repeatedRounding(of node: Graph.Node) -> [Link] {
        guard let grid = grids[node.output], valuesOfReals.contains(node.output) else { return [] }
        if case .unary = node.operation { return [] }
        return roundingLinks(grid, node.name, suffix: "quantized") ?? []
    }

    /// What a layer reads as weights: `tensor`, or, where each index along `axis` has a scale, its multiples in int8.
    mutating func weights(
        _ name: String, _ tensor: Tensor, scales: Tensor?, axis: Int = 0
    ) throws(GraphError) -> String {
        guard let scales else { return initializer(name, tensor) }
        let factors = scales.values
        let stride = tensor.shape.dropFirst(axis + 1).reduce(1, *)
        let multiples = tensor.values.enumerated().map { index, value in
            (value / factors[index / stride % factors.count]).rounded(.toNearestOrEven)
        }
        guard multiples.allSatisfy({ (-128...127).contains($0) }) else {
            throw GraphError(
                node: name, operation: "weights", reason: "they are not the multiples −128 … 127 of their scales")
        }
        return dequantized(name, .int8, shape: tensor.shape, multiples.map { Int($0) }, scales: scales, axis: axis)
    }

    /// What a layer reads as biases: int32 in units of what its products are made of, where `bias` is whole in them.
    ///
    /// - Parameters:
    ///   - weightScales: of the layer.
    ///   - grid: that the layer's input lies on.
    mutating func bias(
        _ name: String, _ bias: Tensor, weightScales: Tensor?, grid: QuantizationGrid?
    ) -> String {
        guard let grid, let weightScales else { return initializer(name, bias) }
        let units = weightScales.values.map { grid.scale * $0 }
        let multiples = zip(bias.values, units).map { ($0 / $1).rounded(.toNearestOrEven) }
        let isWhole = zip(bias.values, zip(multiples, units)).allSatisfy { value, product in
            abs(product.0) < 0x1p31 && product.0 * product.1 == value
        }
        guard isWhole, let scales = try? Tensor(shape: bias.shape, values: units) else {
            return initializer(name, bias)
        }
        return dequantized(name, .int32, shape: bias.shape, multiples.map { Int($0) }, scales: scales, axis: 0)
    }

    private mutating func dequantized(
        _ name: String, _ type: ONNXTensor.ElementType, shape: [Int], _ multiples: [Int], scales: Tensor, axis: Int
    ) -> String {
        let stored = wholes("\(name).quantized", type, shape: shape, multiples)
        let link = Link(
            .dequantizeLinear, inputs: [initializer("\(name).scale", scales)], attributes: [.attribute("axis", axis)])
        return append(link, named: name, from: stored)
    }
}

extension QuantizationGrid {
    /// The type whose numbers are the grid's whole ones.
    fileprivate var elementType: ONNXTensor.ElementType? {
        let types: [ONNXTensor.ElementType] = [.uint8, .int8, .uint16, .int16]
        return types.first { type in
            guard let range = type.range else { return false }
            return (range.lowerBound, range.upperBound) == (lower, upper) && range.contains(zeroPoint)
        }
    }

    /// The version of ONNX's default operator set that came with its type.
    var operatorSet: Int { elementType == .uint16 || elementType == .int16 ? 21 : 17 }
}
