import Compute
import Foundation
import Network

/// Functions of two constants that networks do not compute, but exporters' arithmetic on shapes and masks does.
extension ONNXImporter {
    /// Its sign is the divisor's, as in Python, or with `fmod` the dividend's, as in C.
    mutating func remainder(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let isTruncated = try node.integer("fmod") ?? 0 != 0
        let (a, b, type) = (try input(node, 0), try input(node, 1), try type(node))
        if case (.integers(let first), .integers(let second)) = (a, b) {
            let result = try first.combined(with: second) { x, y throws(ModelFormatError) in
                guard y != 0 else { throw Self.divisionByZero(node) }
                let remainder = x.remainderReportingOverflow(dividingBy: y).partialValue
                return isTruncated || remainder == 0 || (remainder < 0) == (y < 0) ? remainder : remainder + y
            }
            if let result { return .integers(result) }
        }
        return try combine(node, a, b, type: type) { x, y throws(ModelFormatError) in
            if type.isWhole, y == 0 { throw Self.divisionByZero(node) }
            let remainder = fmod(x, y)
            return isTruncated || remainder == 0 || (remainder < 0) == (y < 0) ? remainder : remainder + y
        }
    }

    mutating func equal(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (a, b) = (try input(node, 0), try input(node, 1))
        if case (.integers(let first), .integers(let second)) = (a, b),
            let same = try first.combined(with: second, { x, y throws(ModelFormatError) in x == y ? 1 : 0 })
        {
            return .floats(try tensor(.integers(same), of: node), type: .bool)
        }
        return try combine(node, a, b, type: .bool) { $0 == $1 ? 1 : 0 }
    }

    /// `function` of each pair of elements of two constants, broadcast to each other.
    private mutating func combine(
        _ node: ONNXNode, _ a: ONNXValue, _ b: ONNXValue, type: ONNXTensor.ElementType,
        _ function: (Float, Float) throws(ModelFormatError) -> Float
    ) throws(ModelFormatError) -> ONNXValue {
        let (first, second) = (try exact(node, a, input: 0), try exact(node, b, input: 1))
        // Broadcasting is adding zeros.
        let (pairedFirst, pairedSecond) = (
            try sum(node, first, zerosShapedAs: second), try sum(node, second, zerosShapedAs: first)
        )
        var values: [Float] = []
        for (x, y) in zip(pairedFirst.values, pairedSecond.values) { values.append(try function(x, y)) }
        return try number(try tensor(node, shape: pairedFirst.shape, values), type, of: node)
    }

    private mutating func sum(
        _ node: ONNXNode, _ tensor: Tensor, zerosShapedAs other: Tensor
    ) throws(ModelFormatError) -> Tensor {
        try budget.spend(4 * other.count, for: node.location)
        let zeros = try self.tensor(node, shape: other.shape, Array(repeating: 0, count: other.count))
        return try self.tensor(try binary(node, .add, .floats(tensor), .floats(zeros)), of: node)
    }

    /// A constant's numbers; refused where float32 may have rounded what is compared.
    private func exact(_ node: ONNXNode, _ value: ONNXValue, input: Int) throws(ModelFormatError) -> Tensor {
        let tensor = try tensor(value, of: node)
        let location = "input \(input)"
        if case .floats(_, let type) = value {
            guard type != .double else {
                throw node.unsupported(
                    location, found: "\(type)", supported: "float32 and narrower types, and integers")
            }
            guard type.isWhole else { return tensor }
        }
        if let large = tensor.values.first(where: { abs($0) >= 0x1p24 }) {
            let integer = Int128(exactly: large).map { "\($0)" } ?? "\(large)"
            throw node.unsupported(
                location, found: "the integer \(integer), or one that rounds to it",
                supported: "integers below 2^24 here")
        }
        return tensor
    }

    private static func divisionByZero(_ node: ONNXNode) -> ModelFormatError {
        node.malformed("input 1", expected: "divisors other than 0", found: "0")
    }
}
