import Compute
import Network

/// Layers and functions that join arrays element by element.
extension KerasImporter {
    mutating func average(_ layer: KerasLayer, _ arguments: [Argument]) throws(ModelFormatError) -> Value {
        guard !layer.isFunction else {
            throw layer.unsupported("inbound_nodes", found: "a function", supported: "the layer")
        }
        let sum = try fold(layer, .add, arguments)
        let share = try constant(layer, try tensor(layer, [1 / Float(arguments.count)]), shape: [1])
        return try append(layer, .binary(.multiply), [sum, share], shape: sum.shape)
    }

    /// Inputs joined two by two, from the first; functions have two, of which one may be a constant (`2 * x`).
    mutating func fold(
        _ layer: KerasLayer, _ function: BinaryFunction, _ arguments: [Argument]
    ) throws(ModelFormatError) -> Value {
        try checkPixels(layer, arguments)
        notePixels(function, arguments)
        let values = try values(layer, arguments)
        let takesTwo = layer.isFunction || function == .subtract || function == .divide
        guard var result = values.first, values.count > 1, !takesTwo || values.count == 2 else {
            throw layer.malformed("inputs", expected: takesTwo ? "two" : "two or more", found: "\(values.count)")
        }
        for value in values.dropFirst() {
            let shape = try broadcast(layer, result.shape, value.shape)
            result =
                function == .add && result.shape == value.shape
                ? try append(layer, .add(.identity), [result, value], shape: shape)
                : try append(layer, .binary(function), [result, value], shape: shape)
        }
        return result
    }

    mutating func values(_ layer: KerasLayer, _ arguments: [Argument]) throws(ModelFormatError) -> [Value] {
        var outcomes: [Value] = []
        for case .value(let value) in arguments { outcomes.append(value) }
        guard outcomes.count < arguments.count else { return outcomes }
        guard layer.isFunction, let other = outcomes.first else {
            throw layer.malformed("inbound_nodes", expected: "layers' outcomes", found: "numbers")
        }
        var values: [Value] = []
        for argument in arguments {
            switch argument {
            case .value(let value): values.append(value)
            case .constant(let numbers, let rank):
                values.append(try constant(layer, numbers, rank: rank, beside: other))
            case .ellipsis: throw layer.malformed("inbound_nodes", expected: "numbers", found: "...")
            }
        }
        return values
    }

    /// One number, or one for each of the channels of `other`.
    private mutating func constant(
        _ layer: KerasLayer, _ numbers: [Float], rank: Int, beside other: Value
    ) throws(ModelFormatError) -> Value {
        let channels = (other.isMap ? other.shape.first : other.shape.last) ?? 1
        // More axes than the batch has would give the result more.
        guard rank <= other.shape.count + 1, [1, channels].contains(numbers.count) else {
            throw layer.unsupported(
                "inbound_nodes", found: "an array of \(numbers.count) numbers and \(rank) axes",
                supported: "1 number or \(channels), one a channel, with \(other.shape.count + 1) axes at most")
        }
        var shape = [1]
        if numbers.count > 1 {
            shape = [Int](repeating: 1, count: other.shape.count)
            shape[other.isMap ? 0 : shape.count - 1] = channels
        }
        try budget.spend(MemoryLayout<Float>.size * numbers.count, for: layer.location)
        return try constant(layer, try tensor(layer, numbers), shape: shape)
    }

    /// Keras 2 has a type in the input's layer alone.
    private func checkPixels(_ layer: KerasLayer, _ arguments: [Argument]) throws(ModelFormatError) {
        guard layer.kind.keepsIntegers else { return }
        for case .value(let value) in arguments where pixels.contains(value.id) {
            try layer.checkFloats(pixelType)
        }
    }

    /// Functions that the image meets first, such as `x / 127.5`, make sense for pixels from 0 to 255 or from 0 to 1.
    private mutating func notePixels(_ function: BinaryFunction, _ arguments: [Argument]) {
        guard arguments.count == 2 else { return }
        let (input, numbers): (Value, [Float])
        switch (arguments[0], arguments[1]) {
        case (.value(let value), .constant(let constant, _)): (input, numbers) = (value, constant)
        case (.constant(let constant, _), .value(let value)) where function != .divide:
            (input, numbers) = (value, constant)
        default: return
        }
        guard pixels.contains(input.id) else { return }
        let sizes = numbers.map(abs)
        switch function {
        case .divide, .subtract, .add: if sizes.contains(where: { $0 > 2 }) { scalesPixels = true }
        case .multiply: if sizes.allSatisfy({ $0 < 0.5 }) { scalesPixels = true }
        default: break
        }
    }

    /// Extents of 1 are repeated; ranks must agree, but for a single number.
    private func broadcast(_ layer: KerasLayer, _ first: [Int], _ second: [Int]) throws(ModelFormatError) -> [Int] {
        if first == [1] { return second }
        if second == [1] { return first }
        guard first.count == second.count, zip(first, second).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else {
            throw layer.unsupported(
                "inputs", found: "shapes \(first) and \(second)", supported: "equal shapes, or 1 in place of an extent")
        }
        return zip(first, second).map(max)
    }
}
