import Compute

extension Graph {
    /// The most floats that one value of one image may hold: 1 GiB. A graph that asks for more is refused before
    /// anything is allocated.
    static let largestValue = 1 << 28

    /// The shape of every value, of one image: `[C, H, W]` for a map, `[K]` for a vector.
    ///
    /// - Throws: ``GraphError`` where a node reads a value that no earlier node makes, its inputs do not fit its
    ///   weights or each other, or a value would be larger than 1 GiB.
    public func shapes() throws(GraphError) -> [ValueID: [Int]] {
        var shapes = [input: inputShape]
        guard [1, 3].contains(inputShape.count), Self.isReasonable(inputShape) else {
            throw GraphError(
                node: inputName, operation: "input",
                reason: "expected [C, H, W] or [K] of 1 to \(Self.largestValue) numbers, found shape \(inputShape)")
        }
        var names: Set<String> = []
        for node in nodes {
            guard names.insert(node.name).inserted else { throw node.error("another node has the same name") }
            guard node.inputs.count == node.operation.inputCount else {
                throw node.error("it needs \(node.operation.inputCount) inputs, found \(node.inputs.count)")
            }
            var inputs: [[Int]] = []
            for value in node.inputs {
                guard let shape = shapes[value] else { throw node.error("it reads a value that no earlier node makes") }
                inputs.append(shape)
            }
            let shape = try node.outputShape(inputs)
            guard Self.isReasonable(shape) else {
                throw node.error("its output of shape \(shape) is empty or larger than \(Self.largestValue) numbers")
            }
            guard shapes.updateValue(shape, forKey: node.output) == nil else {
                throw node.error("its output is already made by another node")
            }
        }
        guard shapes[output] != nil else {
            throw GraphError(node: outputName, operation: "output", reason: "no node makes it")
        }
        return shapes
    }

    private static func isReasonable(_ shape: [Int]) -> Bool {
        guard let count = try? Tensor.elementCount(of: shape) else { return false }
        return (1...largestValue).contains(count)
    }
}

extension Graph {
    /// The sum of a count of each node, or an error where it does not fit an `Int`: no machine would finish such a graph.
    func sum(of counts: [Int], _ what: String) throws(GraphError) -> Int {
        var sum = 0
        for count in counts {
            let (next, overflow) = sum.addingReportingOverflow(count)
            guard !overflow else {
                throw GraphError(node: outputName, operation: "output", reason: "its \(what) are more than \(Int.max)")
            }
            sum = next
        }
        return sum
    }
}

extension Operation {
    fileprivate var inputCount: Int {
        switch self {
        case .add: 2
        case .convolution(let convolution): convolution.addsResidual ? 2 : 1
        default: 1
        }
    }
}

extension Graph.Node {
    func error(_ reason: String) -> GraphError {
        GraphError(node: name, operation: operation.description, reason: reason)
    }

    fileprivate func outputShape(_ inputs: [[Int]]) throws(GraphError) -> [Int] {
        let input = inputs[0]
        switch operation {
        case .convolution(let convolution):
            return try convolutionShape(convolution, inputs)
        case .batchNormalization(let normalization):
            for tensor in [normalization.scale, normalization.bias, normalization.mean, normalization.variance] {
                guard tensor.shape == [input[0]] else {
                    throw error("its statistics have shape \(tensor.shape), expected [\(input[0])]")
                }
            }
            return input
        case .activation: return input
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
            if let bias = dense.bias, bias.shape != [dense.weights.shape[0]] {
                throw error("its bias has shape \(bias.shape), expected [\(dense.weights.shape[0])]")
            }
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
        case .softmax:
            guard input.count == 1 else { throw error("expected a vector, found shape \(input)") }
            return input
        }
    }

    private func convolutionShape(_ convolution: Convolution, _ inputs: [[Int]]) throws(GraphError) -> [Int] {
        let (weights, channels) = (convolution.weights.shape, try map(inputs[0])[0])
        let window = convolution.window
        guard weights.count == 4, weights[2] == window.kernelHeight, weights[3] == window.kernelWidth else {
            throw error(
                "its weights have shape \(weights), expected [_, _, \(window.kernelHeight), \(window.kernelWidth)]")
        }
        guard convolution.groups == 1 || (convolution.groups == channels && weights[0] == channels) else {
            throw error(
                "grouped convolutions are not supported yet: expected 1 group, or \(channels) with \(channels) output "
                    + "channels (depthwise), found \(convolution.groups) with \(weights[0])")
        }
        guard weights[1] == channels / convolution.groups else {
            throw error("its weights read \(weights[1]) channels, its input has \(channels / convolution.groups)")
        }
        if let bias = convolution.bias, bias.shape != [weights[0]] {
            throw error("its bias has shape \(bias.shape), expected [\(weights[0])]")
        }
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
            throw error("its window \(window) does not fit a map of \(map[1])×\(map[2])")
        }
        return size
    }
}
