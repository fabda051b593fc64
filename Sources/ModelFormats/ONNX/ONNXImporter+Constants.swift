import Compute
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
        if let value = try node.float("value_float") { return try constant(value, node) }
        if let values = try node.floats("value_floats"), !values.isEmpty {
            return .floats(try tensor(node, shape: [values.count], values))
        }
        throw node.unsupported(
            "value", found: "none of the attributes that are read",
            supported: "value, value_int, value_ints, value_float, value_floats")
    }

    func shape(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let all: [IntegerTensor.Element]
        switch try input(node, 0) {
        case .features(let features):
            all = Array(repeating: .batch, count: batchAxes) + features.shape.map { .value($0) }
        case .floats(let tensor, _): all = tensor.shape.map { .value($0) }
        case .integers(let tensor): all = tensor.shape.map { .value($0) }
        }
        func bound(_ name: String, _ standard: Int) throws(ModelFormatError) -> Int {
            guard let given = try node.integer(name) else { return standard }
            let position = given < 0 ? Int(given) &+ all.count : Int(given)
            return max(0, min(all.count, position))
        }
        let (start, end) = (try bound("start", 0), try bound("end", all.count))
        return .integers(IntegerTensor(start < end ? Array(all[start..<end]) : []))
    }

    mutating func constantOfShape(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let shape = try knownIntegers(node, 0)
        let value = try node.tensor("value")
        guard shape.count <= ONNXTensor.rankLimit, let count = try? Tensor.elementCount(of: shape), count > 0 else {
            throw node.unsupported("shape", found: "\(shape.prefix(16))", supported: "extents of at least 1")
        }
        let element = try value.map { value throws(ModelFormatError) in try constant(value) }
        if case .integers(let whole) = element, count <= ONNXTensor.integerLimit, let first = whole.elements.first {
            return .integers(try tensor(node, Array(repeating: first, count: count), shape: shape))
        }
        guard count <= Self.elementLimit else {
            throw node.unsupported(
                "shape", found: "\(shape.prefix(16))", supported: "at most \(Self.elementLimit) elements")
        }
        // As large as a constant of the file may be.
        try budget.spend(4 * count, for: node.location)
        let number = try element.map { element throws(ModelFormatError) in
            try tensor(element, of: node).values.first ?? 0
        }
        return .floats(
            try tensor(node, shape: shape, Array(repeating: number ?? 0, count: count)),
            type: value?.elementType ?? .float)
    }

    /// Numbers keep their values in float32; what becomes whole is cut towards zero.
    mutating func cast(_ node: ONNXNode) throws(ModelFormatError) -> ONNXValue {
        let value = try input(node, 0)
        let type = ONNXTensor.ElementType(rawValue: try node.integer("to") ?? 0)
        if case .integers = value, type == .int64 { return value }
        let known: [ONNXTensor.ElementType] = [
            .float, .float16, .bfloat16, .double, .uint8, .int8, .uint16, .int16, .int32, .int64, .uint32, .bool,
        ]
        guard known.contains(type) else {
            throw node.unsupported(
                "attribute 'to'", found: "\(type)", supported: known.map { "\($0)" }.joined(separator: ", "))
        }
        if type.isWhole {
            let whole = try truncated(node, value, type)
            guard type == .bool else { return whole }
            let tensor = try tensor(value, of: node)
            return .floats(
                try self.tensor(node, shape: tensor.shape, tensor.values.map { $0 == 0 ? 0 : 1 }), type: type)
        }
        guard value.isConstant else { return value }
        let tensor = try tensor(value, of: node)
        guard type != .float, type != .double else { return .floats(tensor, type: type) }
        let values = tensor.values.map { value in
            type == .float16 ? Float(Float16(value)) : Float(bitPattern: value.roundedToBFloat16)
        }
        return .floats(try self.tensor(node, shape: tensor.shape, values), type: type)
    }

    mutating func concat(
        _ node: ONNXNode, _ tensors: [IntegerTensor], axis given: Int
    ) throws(ModelFormatError) -> ONNXValue {
        var elements: [IntegerTensor.Element] = []
        for (index, tensor) in tensors.enumerated() {
            guard tensor.shape.count == 1, elements.count + tensor.elements.count <= ONNXTensor.integerLimit else {
                throw node.unsupported(
                    "input \(index)", found: "constant integers of shape \(tensor.shape)",
                    supported: "vectors of at most \(ONNXTensor.integerLimit) integers in all")
            }
            elements += tensor.elements
        }
        _ = try node.axis(given, rank: 1)
        return .integers(IntegerTensor(elements))
    }

    /// - Parameter shape: of the indices.
    mutating func gather(
        _ node: ONNXNode, _ tensor: IntegerTensor, axis: Int, _ positions: [Int], shape: [Int]
    ) throws(ModelFormatError) -> ONNXValue {
        let selected = try limited(node, tensor, axis: axis, positions)
        let full = tensor.shape[..<axis] + shape + tensor.shape[(axis + 1)...]
        return .integers(try self.tensor(node, selected.elements, shape: Array(full)))
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

extension Float {
    /// The nearest bfloat16, half to even, as the bits of a float32.
    fileprivate var roundedToBFloat16: UInt32 {
        isNaN ? bitPattern : (bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)) & 0xFFFF_0000
    }
}
