import Compute
import Network

/// Operators over activations that slide no window.
extension ONNXImporter {
    mutating func add(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (first, second) = (try features(node, 0), try features(node, 1))
        guard first.shape == second.shape else {
            throw node.unsupported(
                "inputs", found: "shapes \(first.shape) and \(second.shape)", supported: "equal shapes")
        }
        return try append(node, .add(.identity), [first, second], shape: first.shape)
    }

    mutating func batchNormalization(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let features = try features(node, 0)
        try node.refuse("training_mode", supported: "0: export the network for inference (model.eval())")
        // Of a map `[C, H, W]` or a vector `[C]`.
        let channels = [features.shape[0]]
        let epsilon = try node.float("epsilon") ?? 1e-5
        guard epsilon >= 0, epsilon.isFinite else {
            throw node.malformed("attribute 'epsilon'", expected: "a number of at least 0", found: "\(epsilon)")
        }
        let normalization = BatchNormalization(
            scale: try weights(node, 1, shape: channels), bias: try weights(node, 2, shape: channels),
            mean: try weights(node, 3, shape: channels), variance: try weights(node, 4, shape: channels),
            epsilon: epsilon)
        return try append(node, .batchNormalization(normalization), [features], shape: features.shape)
    }

    mutating func clip(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let features = try features(node, 0)
        // Attributes until operator set 10, inputs since.
        let (lower, upper) =
            operatorSet < 11
            ? (try node.float("min"), try node.float("max")) : (try scalar(node, 1), try scalar(node, 2))
        let bounds = (lower: lower ?? -.infinity, upper: upper ?? .infinity)
        guard bounds.lower <= bounds.upper else {
            throw node.malformed(
                "bounds", expected: "min of at most max", found: "min \(bounds.lower), max \(bounds.upper)")
        }
        return try append(
            node, .activation(.clamp(lower: bounds.lower, upper: bounds.upper)), [features], shape: features.shape)
    }

    func dropout(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        // A third input that is true means training; without bool tensors nothing else than its absence is read.
        guard node.inputs.count < 3 || node.inputs[2].isEmpty else {
            throw node.unsupported(
                "input 2 (training_mode)", found: "a value", supported: "none: export the network for inference")
        }
        return try input(node, 0)
    }

    mutating func gemm(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (features, count) = try vector(node)
        try node.refuse("transA", supported: "0: one row an image")
        let transposed = try node.integer("transB") ?? 0 != 0
        let weights = try weights(node, 1)
        guard weights.shape.count == 2, weights.shape[transposed ? 1 : 0] == count else {
            throw node.malformed(
                "weights", expected: transposed ? "shape [outputs, \(count)]" : "shape [\(count), outputs]",
                found: "shape \(weights.shape)")
        }
        let outputs = weights.shape[transposed ? 0 : 1]
        let scale = try node.float("alpha") ?? 1
        let dense = Dense(
            weights: try transposed && scale == 1
                ? weights : rows(weights, alreadyRows: transposed, scale: scale, node),
            bias: try gemmBias(node, outputs: outputs))
        return try append(node, .dense(dense), [features], shape: [outputs])
    }

    /// The weights times `scale`, as `[outputs, inputs]`.
    private mutating func rows(
        _ weights: Tensor, alreadyRows: Bool, scale: Float, _ node: ONNXNode
    ) throws(ModelFormatError) -> Tensor {
        try budget.spend(4 * weights.count, for: node.location)
        let values = weights.values
        let (outputs, inputs) =
            alreadyRows ? (weights.shape[0], weights.shape[1]) : (weights.shape[1], weights.shape[0])
        var rows: [Float] = []
        rows.reserveCapacity(values.count)
        for output in 0..<outputs {
            for input in 0..<inputs {
                rows.append(scale * values[alreadyRows ? output * inputs + input : input * outputs + output])
            }
        }
        return try tensor(node, shape: [outputs, inputs], rows)
    }

    /// `beta · C`, where C may be one number, `[outputs]` or `[1, outputs]`.
    private mutating func gemmBias(_ node: ONNXNode, outputs: Int) throws(ModelFormatError) -> Tensor? {
        guard try optionalInput(node, 2) != nil else { return nil }
        let (bias, scale) = (try weights(node, 2), try node.float("beta") ?? 1)
        guard bias.count == 1 || [[outputs], [1, outputs]].contains(bias.shape) else {
            throw node.malformed("bias", expected: "shape [\(outputs)]", found: "shape \(bias.shape)")
        }
        if scale == 1, bias.shape == [outputs] { return bias }
        try budget.spend(4 * outputs, for: node.location)
        let values = bias.count == 1 ? Array(repeating: bias.values[0], count: outputs) : bias.values
        return try tensor(node, shape: [outputs], values.map { scale * $0 })
    }

    private func tensor(_ node: ONNXNode, shape: [Int], _ values: [Float]) throws(ModelFormatError) -> Tensor {
        do {
            return try Tensor(shape: shape, values: values)
        } catch {
            throw node.malformed("weights", expected: "a tensor", found: "\(error)")
        }
    }

    mutating func pad(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (features, extents) = try map(node)
        let mode = try node.string("mode") ?? "constant"
        guard mode == "constant" else {
            throw node.unsupported("attribute 'mode'", found: mode.quoted, supported: "'constant'")
        }
        guard try optionalInput(node, 3) == nil else {
            throw node.unsupported("input 3 (axes)", found: "a value", supported: "none: pads of all axes")
        }
        let value = try operatorSet < 11 ? node.float("value") : scalar(node, 2)
        guard value ?? 0 == 0 else {
            throw node.unsupported("padding value", found: "\(value ?? 0)", supported: "0")
        }
        // [n, c, h, w] before, then [n, c, h, w] after.
        let pads = try operatorSet < 11 ? node.integers("pads") ?? [] : knownIntegers(node, 1)
        guard pads.count == 8, pads.allSatisfy({ (0...65536).contains($0) }),
            [0, 1, 4, 5].allSatisfy({ pads[$0] == 0 })
        else {
            throw node.unsupported(
                "pads", found: "\(pads.prefix(16))", supported: "8 from 0 to 65536, 0 for images and channels")
        }
        let insets = EdgeInsets(top: pads[2], left: pads[3], bottom: pads[6], right: pads[7])
        if insets == EdgeInsets() { return .features(features) }
        return try append(
            node, .pad(insets), [features],
            shape: [
                extents.channels, extents.height + insets.top + insets.bottom,
                extents.width + insets.left + insets.right,
            ])
    }

    mutating func flatten(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let features = try features(node, 0)
        let axis = Int(try node.integer("axis") ?? 1)
        guard axis == 1 || axis == -features.shape.count else {
            throw node.unsupported("attribute 'axis'", found: "\(axis)", supported: "1")
        }
        return try vector(node, of: features)
    }

    /// Between maps and vectors, an image at a time: to `[N, K]`, or to the shape that the input has already.
    mutating func reshape(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (value, target) = (try input(node, 0), try integers(node, 1))
        if case .integers(let tensor) = value { return try reshape(node, tensor, target) }
        let features = try features(node, 0)
        let count = features.shape.reduce(1, *)
        try node.refuse("allowzero", supported: "0, where an extent of 0 keeps the input's")
        let extents = target.elements
        if let first = extents.first, extents.count == 2 || extents.count == features.shape.count + 1 {
            let kept = features.shape
            let isBatch =
                first == .batch || first == .value(0) || declaredBatch.map { first == .value(Int($0)) } == true
            let rest = extents.dropFirst().enumerated().map { index, extent in
                extent == .value(0) && index < kept.count ? .value(kept[index]) : extent
            }
            // One extent may be −1: the one that makes the element count right.
            let inferred = (rest + [first]).filter { $0 == .value(-1) }.count
            let wanted = rest.count == 1 ? [count] : kept
            let fits = zip(rest, wanted).allSatisfy { $0 == .value($1) || $0 == .value(-1) }
            if fits, inferred <= 1, isBatch || first == .value(-1) {
                return rest.count == 1 ? try vector(node, of: features) : value
            }
        }
        throw node.unsupported(
            "shape", found: "\(target) for activations \(features.shape)",
            supported: "[N, \(count)], with N the batch size, 0 or −1")
    }

    mutating func softmax(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (features, count) = try vector(node)
        let axis = Int(try node.integer("axis") ?? (operatorSet < 13 ? 1 : -1))
        guard axis == 1 || axis == -1 else {
            throw node.unsupported("attribute 'axis'", found: "\(axis)", supported: "1 or −1")
        }
        return try append(node, .softmax(axis: 0), [features], shape: [count])
    }

    private mutating func vector(
        _ node: ONNXNode, of features: ONNXValue.Features
    ) throws(ModelFormatError) -> ONNXValue {
        if features.shape.count == 1 { return .features(features) }
        return try append(node, .flatten, [features], shape: [features.shape.reduce(1, *)])
    }
}
