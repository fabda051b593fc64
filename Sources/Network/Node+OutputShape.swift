import Compute

extension Operation {
    var inputCount: ClosedRange<Int> {
        switch self {
        case .add, .binary, .matrixProduct: 2...2
        case .convolution(let convolution): convolution.addsResidual ? 2...2 : 1...1
        case .constant: 0...0
        case .concatenate: 1...1 << 16
        case .transposedConvolution, .batchNormalization, .instanceNormalization, .layerNormalization,
            .localResponseNormalization, .activation, .maxPool, .averagePool, .globalAveragePool, .dense, .pad,
            .flatten, .unary, .softmax, .logSoftmax, .reduce, .select, .transpose, .reshape, .resample, .linear:
            1...1
        }
    }
}

extension Graph.Node {
    func error(_ reason: String) -> GraphError {
        GraphError(node: name, operation: operation.description, reason: reason)
    }

    func outputShape(_ inputs: [[Int]]) throws(GraphError) -> [Int] {
        let input = inputs.first ?? []
        switch operation {
        case .constant(let tensor): return tensor.shape
        case .convolution(let convolution):
            return try convolutionShape(convolution, inputs)
        case .transposedConvolution(let convolution): return try transposedConvolutionShape(convolution, input)
        case .batchNormalization(let normalization):
            guard [1, 3].contains(input.count) else { throw error("expected [C, H, W] or [C], found shape \(input)") }
            return try normalized(
                input, by: [normalization.scale, normalization.bias, normalization.mean, normalization.variance])
        case .instanceNormalization(let normalization):
            return try normalized(try map(input), by: [normalization.scale, normalization.bias])
        case .layerNormalization(let normalization):
            let channels = input.count == 3 ? input[0] : input.last ?? 0
            let tensors = [normalization.scale, normalization.bias].compactMap { $0 }
            if let wrong = tensors.first(where: { $0.shape != [channels] }) {
                throw error("its weights have shape \(wrong.shape), expected [\(channels)]")
            }
            return input
        case .localResponseNormalization(let rule):
            guard (1...1 << 16).contains(rule.size) else { throw error("its size must be above 0, found \(rule.size)") }
            return try map(input)
        case .activation, .unary: return input
        case .maxPool(let window), .averagePool(let window, _):
            let size = try size(of: window, on: try map(input))
            return [input[0], size.height, size.width]
        case .globalAveragePool:
            return [try map(input)[0], 1, 1]
        case .dense(let dense):
            let count = input.reduce(1, *)
            guard dense.weights.shape.count == 2, dense.weights.shape[1] == count else {
                throw error("its weights have shape \(dense.weights.shape), its input \(input): expected [_, \(count)]")
            }
            try check(dense.bias, dense.weightScales, outputs: dense.weights.shape[0])
            return [dense.weights.shape[0]]
        case .add:
            guard inputs[1] == input else { throw error("its inputs have different shapes: \(input) and \(inputs[1])") }
            return input
        case .pad(let insets):
            let map = try map(input)
            let limit = 0...(1 << 16)
            guard [insets.top, insets.left, insets.bottom, insets.right].allSatisfy(limit.contains) else {
                throw error("padding must be from 0 to \(limit.upperBound), found \(insets)")
            }
            return [map[0], map[1] + insets.top + insets.bottom, map[2] + insets.left + insets.right]
        case .flatten: return [input.reduce(1, *)]
        case .softmax(let axis), .logSoftmax(let axis):
            try check(axes: [axis], of: input)
            return input
        case .binary: return try broadcast(inputs[0], inputs[1])
        case .reduce(_, let axes):
            try check(axes: axes, of: input)
            return input.indices.map { axes.contains($0) ? 1 : input[$0] }
        case .matrixProduct: return try matrixProductShape(inputs[0], inputs[1])
        case .concatenate(let axis): return try concatenatedShape(inputs, axis: axis)
        case .select(let selection):
            guard selection.indices.count == input.count,
                zip(selection.indices, input).allSatisfy({ list, extent in list.allSatisfy((-1..<extent).contains) })
            else { throw error("it selects what an input of shape \(input) does not have") }
            return selection.indices.map(\.count)
        case .transpose(let permutation):
            guard permutation.sorted() == Array(input.indices) else {
                throw error("\(permutation) is not an order of the axes of shape \(input)")
            }
            return permutation.map { input[$0] }
        case .reshape(let shape):
            guard let count = try? Tensor.elementCount(of: shape), count == input.reduce(1, *) else {
                throw error("shape \(shape) has not as many elements as its input, \(input)")
            }
            return shape
        case .resample(let axis, let taps):
            try check(axes: [axis], of: input)
            guard
                taps.allSatisfy({
                    $0.indices.count == $0.weights.count && $0.indices.allSatisfy((0..<input[axis]).contains)
                })
            else { throw error("it reads what an input of shape \(input) does not have") }
            return input.indices.map { $0 == axis ? taps.count : input[$0] }
        case .linear(let dense):
            guard input.count == 2, dense.weights.shape.count == 2, dense.weights.shape[1] == input[1] else {
                throw error(
                    "its weights have shape \(dense.weights.shape), its input \(input): expected [_, K] and [_, K]")
            }
            try check(dense.bias, dense.weightScales, outputs: dense.weights.shape[0])
            return [input[0], dense.weights.shape[0]]
        }
    }

    /// One number an output each.
    private func check(_ bias: Tensor?, _ weightScales: Tensor?, outputs: Int) throws(GraphError) {
        for (tensor, what) in [(bias, "bias has"), (weightScales, "scales of weights have")] {
            guard let tensor, tensor.shape != [outputs] else { continue }
            throw error("its \(what) shape \(tensor.shape), expected [\(outputs)]")
        }
    }

    private func normalized(_ input: [Int], by tensors: [Tensor]) throws(GraphError) -> [Int] {
        for tensor in tensors where tensor.shape != [input[0]] {
            throw error("its statistics have shape \(tensor.shape), expected [\(input[0])]")
        }
        return input
    }

    private func check(axes: [Int], of shape: [Int]) throws(GraphError) {
        guard axes.allSatisfy(shape.indices.contains), Set(axes).count == axes.count else {
            throw error("axes \(axes) are not those of an input of shape \(shape)")
        }
    }

    /// As NumPy: axes are matched from the last; an extent of 1 is repeated.
    private func broadcast(_ first: [Int], _ second: [Int]) throws(GraphError) -> [Int] {
        let rank = max(first.count, second.count)
        let (a, b) = (
            Array(repeating: 1, count: rank - first.count) + first,
            Array(repeating: 1, count: rank - second.count) + second
        )
        guard zip(a, b).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else {
            throw error("its inputs' shapes \(first) and \(second) cannot be broadcast to each other")
        }
        return zip(a, b).map(max)
    }

    private func matrixProductShape(_ first: [Int], _ second: [Int]) throws(GraphError) -> [Int] {
        guard first.count >= 2, second.count >= 2, first[first.count - 1] == second[second.count - 2] else {
            throw error("matrices of shapes \(first) and \(second) have no product")
        }
        return try broadcast(first.dropLast(2), second.dropLast(2))
            + [first[first.count - 2], second[second.count - 1]]
    }

    private func broadcast(_ first: ArraySlice<Int>, _ second: ArraySlice<Int>) throws(GraphError) -> [Int] {
        try broadcast(Array(first), Array(second))
    }

    private func concatenatedShape(_ inputs: [[Int]], axis: Int) throws(GraphError) -> [Int] {
        var shape = inputs[0]
        try check(axes: [axis], of: shape)
        for input in inputs.dropFirst() {
            guard input.count == shape.count, shape.indices.allSatisfy({ $0 == axis || input[$0] == shape[$0] }) else {
                throw error("inputs of shapes \(inputs[0]) and \(input) cannot be joined along axis \(axis)")
            }
            // Both are below 2^28 and there are at most 2^16.
            shape[axis] += input[axis]
        }
        return shape
    }

    private func transposedConvolutionShape(
        _ convolution: TransposedConvolution, _ input: [Int]
    ) throws(GraphError) -> [Int] {
        let (weights, window, input) = (convolution.weights.shape, convolution.window, try map(input))
        guard weights.count == 4, weights[0] == input[0], weights[2] == window.kernelHeight,
            weights[3] == window.kernelWidth, convolution.groups > 0, input[0].isMultiple(of: convolution.groups)
        else {
            throw error(
                "its weights have shape \(weights), expected [\(input[0]), _, \(window.kernelHeight), "
                    + "\(window.kernelWidth)], and \(convolution.groups) groups")
        }
        let (outputs, overflow) = weights[1].multipliedReportingOverflow(by: convolution.groups)
        guard !overflow, convolution.bias.map({ $0.shape == [outputs] }) ?? true else {
            throw error("its bias has shape \(convolution.bias?.shape ?? []), expected [\(outputs)]")
        }
        let size = convolution.outputSize
        // The convolution whose transpose this is goes from its output's size to its input's.
        guard let swept = window.outputSize(height: size.height, width: size.width), swept == (input[1], input[2])
        else {
            throw error("its \(window) does not sweep \(size.height)×\(size.width) in \(input[1])×\(input[2])")
        }
        return [outputs, size.height, size.width]
    }

    private func convolutionShape(_ convolution: Convolution, _ inputs: [[Int]]) throws(GraphError) -> [Int] {
        let (weights, channels) = (convolution.weights.shape, try map(inputs[0])[0])
        let window = convolution.window
        guard weights.count == 4, weights[2] == window.kernelHeight, weights[3] == window.kernelWidth else {
            throw error(
                "its weights have shape \(weights), expected [_, _, \(window.kernelHeight), \(window.kernelWidth)]")
        }
        let groups = convolution.groups
        guard groups >= 1, channels.isMultiple(of: groups), weights[0].isMultiple(of: groups) else {
            throw error("\(channels) input and \(weights[0]) output channels do not fall into \(groups) groups")
        }
        guard weights[1] == channels / convolution.groups else {
            throw error("its weights read \(weights[1]) channels, its input has \(channels / convolution.groups)")
        }
        try check(convolution.bias, convolution.weightScales, outputs: weights[0])
        let size = try size(of: window, on: inputs[0])
        let output = [weights[0], size.height, size.width]
        if convolution.addsResidual, inputs[1] != output {
            throw error("the residual has shape \(inputs[1]), the convolution \(output)")
        }
        return output
    }

    private func map(_ shape: [Int]) throws(GraphError) -> [Int] {
        guard shape.count == 3 else { throw error("expected a feature map [C, H, W], found shape \(shape)") }
        return shape
    }

    private func size(of window: Window, on map: [Int]) throws(GraphError) -> (height: Int, width: Int) {
        guard let size = window.outputSize(height: map[1], width: map[2]) else {
            throw error("its \(window) does not fit a map of \(map[1])×\(map[2])")
        }
        return size
    }
}
