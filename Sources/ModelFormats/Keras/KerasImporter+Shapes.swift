import Compute
import Network

/// Layers that change the order or the shape of numbers.
extension KerasImporter {
    mutating func flatten(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        let ordered = try inKerasOrder(layer, input)
        return ordered.shape.count == 1
            ? ordered : try append(layer, .flatten, [ordered], shape: [ordered.shape.reduce(1, *)])
    }

    mutating func reshape(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        let count = input.shape.reduce(1, *)
        let given = layer.config["target_shape"].array ?? []
        var target = given.compactMap(\.integer)
        let valid = target.count == given.count && (1...7).contains(target.count)
        if valid, let free = target.firstIndex(of: -1) {
            target[free] = 1
            if let known = try? Tensor.elementCount(of: target), known > 0 { target[free] = count / known }
        }
        guard valid, (try? Tensor.elementCount(of: target)) == count else {
            throw layer.malformed(
                "target_shape", expected: "1 to 7 extents for \(count) elements",
                found: "\(layer.config["target_shape"])")
        }
        let ordered = try inKerasOrder(layer, input)
        let shaped =
            ordered.shape == target ? ordered : try append(layer, .reshape(target), [ordered], shape: target)
        guard target.count == 3 else { return shaped }
        let map = [target[2], target[0], target[1]]
        return target[2] == 1 || target[0] * target[1] == 1
            ? try append(layer, .reshape(map), [shaped], shape: map)
            : try append(layer, .transpose([2, 0, 1]), [shaped], shape: map)
    }

    /// The array with its numbers in the order in which Keras has them: a map as `[H, W, C]`.
    private mutating func inKerasOrder(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        guard input.isMap else { return input }
        let shape = [input.shape[1], input.shape[2], input.shape[0]]
        // With one channel or one pixel, both orders are the same.
        return input.shape[0] == 1 || input.shape[1] * input.shape[2] == 1
            ? try append(layer, .reshape(shape), [input], shape: shape)
            : try append(layer, .transpose([1, 2, 0]), [input], shape: shape)
    }

    mutating func permute(_ layer: KerasLayer, _ input: Value) throws(ModelFormatError) -> Value {
        let order = (layer.config["dims"].array ?? []).compactMap(\.integer)
        let rank = input.shape.count
        guard order.sorted() == Array(1...rank) else {
            throw layer.malformed("dims", expected: "an order of 1 to \(rank)", found: "\(layer.config["dims"])")
        }
        // Which of Keras' axes each of ours is; a map has its channels last.
        let axes = input.isMap ? [3, 1, 2] : Array(1...rank)
        let permutation = axes.map { Self.axis(order[$0 - 1], of: input) }
        return try append(layer, .transpose(permutation), [input], shape: permutation.map { input.shape[$0] })
    }

    mutating func concatenate(_ layer: KerasLayer, _ arguments: [Argument]) throws(ModelFormatError) -> Value {
        let values = try values(layer, arguments)
        guard let first = values.first, !layer.isFunction else {
            throw layer.unsupported("inbound_nodes", found: "a function", supported: "the layer")
        }
        let axis = Self.axis(try layer.axis(rank: first.shape.count + 1), of: first)
        var shape = first.shape
        for value in values.dropFirst() {
            guard value.shape.count == shape.count,
                shape.indices.allSatisfy({ $0 == axis || value.shape[$0] == shape[$0] })
            else {
                throw layer.malformed(
                    "inputs", expected: "shapes that fit \(first.shape) along axis \(axis)", found: "\(value.shape)")
            }
            shape[axis] += value.shape[axis]
        }
        return values.count == 1 ? first : try append(layer, .concatenate(axis: axis), values, shape: shape)
    }
}
