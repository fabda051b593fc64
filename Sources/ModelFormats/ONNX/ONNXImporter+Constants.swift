import Network

/// Constants and arithmetic on shapes, evaluated while reading.
extension ONNXImporter {
    mutating func constant(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        if let tensor = try node.tensor("value") { return try constant(tensor) }
        if let value = try node.integer("value_int") {
            return .integers(try tensor(node, [.value(Int(value))], shape: []))
        }
        if let values = try node.integers("value_ints") {
            return .integers(IntegerTensor(values.map { .value($0) }))
        }
        throw node.unsupported(
            "value", found: "none of the attributes that are read", supported: "value, value_int, value_ints")
    }

    func shape(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let features = try features(node, 0)
        guard try node.integer("start") ?? 0 == 0, try node.integer("end") == nil else {
            throw node.unsupported("attributes", found: "'start' or 'end'", supported: "the whole shape")
        }
        return .integers(IntegerTensor([.batch] + features.shape.map { .value($0) }))
    }

    mutating func constantOfShape(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let shape = try knownIntegers(node, 0)
        guard let value = try node.tensor("value"), let element = try value.integers().elements.first else {
            throw node.unsupported("attribute 'value'", found: "none (float32 0)", supported: "one int64")
        }
        var count = 1
        for extent in shape {
            // Both factors are below 2^17: no overflow.
            guard (0...ONNXTensor.integerLimit).contains(extent), count * extent <= ONNXTensor.integerLimit else {
                throw node.unsupported(
                    "shape", found: "\(shape.prefix(16))", supported: "at most \(ONNXTensor.integerLimit) elements")
            }
            count *= extent
        }
        return .integers(try tensor(node, Array(repeating: element, count: count), shape: shape))
    }

    mutating func cast(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let tensor = try integers(node, 0)
        let type = ONNXTensor.ElementType(rawValue: try node.integer("to") ?? 0)
        guard type == .int64 else {
            throw node.unsupported("attribute 'to'", found: "\(type)", supported: "int64, of constant integers")
        }
        return .integers(tensor)
    }

    mutating func concat(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        var elements: [IntegerTensor.Element] = []
        for index in node.inputs.indices {
            let tensor = try integers(node, index)
            guard tensor.shape.count == 1, elements.count + tensor.elements.count <= ONNXTensor.integerLimit else {
                throw node.unsupported(
                    "input \(index)", found: "constant integers of shape \(tensor.shape)",
                    supported: "vectors of at most \(ONNXTensor.integerLimit) integers in all")
            }
            elements += tensor.elements
        }
        _ = try axis(Int(try node.integer("axis") ?? 0), rank: 1, node)
        return .integers(IntegerTensor(elements))
    }

    mutating func gather(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let (tensor, indices) = (try integers(node, 0), try integers(node, 1))
        let axis = try axis(Int(try node.integer("axis") ?? 0), rank: tensor.shape.count, node)
        let extent = tensor.shape[axis]
        let positions = try knownIntegers(node, 1).map { $0 < 0 ? $0 &+ extent : $0 }
        guard indices.shape.count <= 1, positions.allSatisfy({ (0..<extent).contains($0) }) else {
            throw node.malformed(
                "indices", expected: "a number or a vector of them, from \(-extent) to \(extent - 1)",
                found: "\(indices) of shape \(indices.shape)")
        }
        let selected = try limited(node, tensor, axis: axis, positions)
        guard indices.shape.isEmpty else { return .integers(selected) }
        var shape = selected.shape
        shape.remove(at: axis)
        return .integers(try self.tensor(node, selected.elements, shape: shape))
    }

    /// Inputs: data, starts, ends and optionally axes and steps; positions beyond the ends are moved to them.
    mutating func slice(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        guard operatorSet >= 10 else {
            throw node.unsupported("operator set", found: "\(operatorSet)", supported: "Slice since version 10")
        }
        var tensor = try integers(node, 0)
        let (starts, ends) = (try knownIntegers(node, 1), try knownIntegers(node, 2))
        let axes = try optionalInput(node, 3) == nil ? Array(starts.indices) : try knownIntegers(node, 3)
        let steps =
            try optionalInput(node, 4) == nil
            ? Array(repeating: 1, count: starts.count) : try knownIntegers(node, 4)
        guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count,
            starts.count <= ONNXTensor.rankLimit
        else {
            throw node.malformed(
                "inputs", expected: "as many starts, ends, axes and steps, at most \(ONNXTensor.rankLimit)",
                found: "\(starts.count), \(ends.count), \(axes.count) and \(steps.count)")
        }
        for index in starts.indices {
            let axis = try axis(axes[index], rank: tensor.shape.count, node)
            let extent = tensor.shape[axis]
            let step = max(-extent - 1, min(extent + 1, steps[index]))
            guard step != 0 else { throw node.malformed("steps", expected: "other than 0", found: "0") }
            let limits = step > 0 ? 0...extent : -1...extent - 1
            let bounds = [starts[index], ends[index]].map { position in
                min(max(position < 0 ? position + extent : position, limits.lowerBound), limits.upperBound)
            }
            tensor = tensor.selecting(Array(stride(from: bounds[0], to: bounds[1], by: step)), axis: axis)
        }
        return .integers(tensor)
    }

    mutating func transpose(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let tensor = try integers(node, 0)
        let rank = tensor.shape.count
        let permutation = try node.integers("perm") ?? Array((0..<rank).reversed())
        guard permutation.sorted() == Array(0..<rank) else {
            throw node.malformed(
                "attribute 'perm'", expected: "an order of 0..<\(rank)", found: "\(permutation.prefix(16))")
        }
        return .integers(tensor.transposed(permutation))
    }

    /// Axes are an attribute until operator set 12, an input since.
    mutating func unsqueeze(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let tensor = try integers(node, 0)
        let given = try operatorSet < 13 ? node.integers("axes") ?? [] : knownIntegers(node, 1)
        let rank = tensor.shape.count + given.count
        guard rank <= ONNXTensor.rankLimit else {
            throw node.unsupported("rank", found: "\(rank)", supported: "at most \(ONNXTensor.rankLimit)")
        }
        var shape = tensor.shape
        var axes: [Int] = []
        for value in given { axes.append(try axis(value, rank: rank, node)) }
        guard Set(axes).count == axes.count else {
            throw node.malformed("axes", expected: "different ones", found: "\(given)")
        }
        for axis in axes.sorted() { shape.insert(1, at: axis) }
        return .integers(try self.tensor(node, tensor.elements, shape: shape))
    }

    /// A reshape of integers; 0 keeps the input's extent and one −1 takes what is left.
    mutating func reshape(
        _ node: ONNXNode, _ tensor: IntegerTensor, _ target: IntegerTensor
    ) throws(ModelFormatError) -> ONNXValue {
        var shape = try knownIntegers(node, 1)
        for index in shape.indices where shape[index] == 0 && index < tensor.shape.count {
            shape[index] = tensor.shape[index]
        }
        if let free = shape.firstIndex(of: -1) {
            shape[free] = 1
            let (known, overflow) = shape.reduce((1, false)) { partial, extent in
                let (product, overflow) = partial.0.multipliedReportingOverflow(by: extent)
                return (product, overflow || partial.1)
            }
            if known > 0, !overflow { shape[free] = tensor.elements.count / known }
        }
        guard shape.count <= ONNXTensor.rankLimit, let reshaped = tensor.reshaped(shape) else {
            throw node.malformed(
                "shape", expected: "one for \(tensor.elements.count) elements", found: "\(target)")
        }
        return .integers(reshaped)
    }

    /// The chosen parts, refused where repeating them makes the tensor too large.
    private func limited(
        _ node: ONNXNode, _ tensor: IntegerTensor, axis: Int, _ positions: [Int]
    ) throws(ModelFormatError) -> IntegerTensor {
        let part = tensor.shape[axis] == 0 ? 0 : tensor.elements.count / tensor.shape[axis]
        guard part * positions.count <= ONNXTensor.integerLimit else {
            throw node.unsupported(
                "output", found: "\(part * positions.count) integers",
                supported: "at most \(ONNXTensor.integerLimit)")
        }
        return tensor.selecting(positions, axis: axis)
    }

    private func tensor(
        _ node: ONNXNode, _ elements: [IntegerTensor.Element], shape: [Int]
    ) throws(ModelFormatError) -> IntegerTensor {
        guard let tensor = IntegerTensor(shape: shape, elements: elements) else {
            throw node.malformed(
                "shape", expected: "one for \(elements.count) elements", found: "\(shape.prefix(16))")
        }
        return tensor
    }
}
