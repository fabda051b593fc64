import Compute
import Network

/// What operators take.
extension ONNXImporter {
    /// What input `index` stands for.
    func input(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> ONNXValue {
        guard let value = try optionalInput(node, index) else {
            throw node.malformed("input \(index)", expected: "a value", found: "none")
        }
        return value
    }

    /// A value's shape without the axis of the images, and how many axes that leaves out.
    func perImage(_ value: ONNXValue) -> (shape: [Int], leading: Int) {
        switch value {
        case .features(let features): (features.shape, batchAxes)
        case .floats(let tensor, _): (tensor.shape, 0)
        case .integers(let tensor): (tensor.shape, 0)
        }
    }

    /// An input that is computed for each image.
    func features(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> ONNXValue.Features {
        let value = try input(node, index)
        guard case .features(let features) = value else {
            throw node.unsupported("input \(index)", found: value.kind, supported: "activations here")
        }
        return features
    }

    /// The type of an input's numbers, which many operators' results share; that of activations is not kept.
    func type(_ node: ONNXNode, _ index: Int = 0) throws(ModelFormatError) -> ONNXTensor.ElementType {
        switch try optionalInput(node, index) {
        case .floats(_, let type): type
        case .integers: .int64
        case .features, nil: .float
        }
    }

    /// An input that is a constant of floats, of the given shape if one is given.
    mutating func weights(_ node: ONNXNode, _ index: Int, shape: [Int]? = nil) throws(ModelFormatError) -> Tensor {
        let value = try input(node, index)
        guard case .floats(let tensor, _) = value else {
            throw node.unsupported("input \(index)", found: value.kind, supported: "constant numbers here")
        }
        guard shape == nil || tensor.shape == shape else {
            throw node.malformed("input \(index)", expected: "shape \(shape ?? [])", found: "shape \(tensor.shape)")
        }
        try budget.spend(4 * tensor.count, for: node.location)
        return tensor
    }

    /// An optional input that is one constant number.
    mutating func scalar(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> Float? {
        guard let value = try optionalInput(node, index) else { return nil }
        let tensor = try tensor(value, of: node)
        guard tensor.count == 1, let value = tensor.values.first else {
            throw node.malformed("input \(index)", expected: "one float", found: "shape \(tensor.shape)")
        }
        return value
    }

    /// An input that is a constant of integers.
    mutating func integers(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> IntegerTensor {
        let value = try input(node, index)
        let tensor: IntegerTensor
        switch value {
        case .integers(let integers): tensor = integers
        case .floats(let floats, .int32) where floats.count <= ONNXTensor.integerLimit:
            let elements = floats.values.map { IntegerTensor.Element.value(Int(exactly: $0) ?? 0) }
            guard let integers = IntegerTensor(shape: floats.shape, elements: elements) else {
                throw node.unsupported("input \(index)", found: value.kind, supported: "fewer integers")
            }
            tensor = integers
        default:
            throw node.unsupported("input \(index)", found: value.kind, supported: "constant integers here")
        }
        try budget.spend(tensor.byteCount, for: node.location)
        return tensor
    }

    /// An input that is a constant of integers, none of which is the batch size.
    mutating func knownIntegers(_ node: ONNXNode, _ index: Int) throws(ModelFormatError) -> [Int] {
        let tensor = try integers(node, index)
        guard let values = tensor.values else {
            throw node.unsupported("input \(index)", found: "\(tensor)", supported: "integers without the batch size")
        }
        return values
    }
}
