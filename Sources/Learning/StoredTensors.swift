import Compute

/// Tensors that may come from anyone: read by name and checked.
struct StoredTensors {
    private let tensors: [String: Tensor]

    init(_ tensors: [String: Tensor]) { self.tensors = tensors }

    func contains(_ name: String) -> Bool { tensors[name] != nil }

    /// A tensor `[n, features]` of finite numbers.
    func vectors(_ name: String, features: Int) throws -> ReferenceVectors {
        try ReferenceVectors(tensor(name), name: name, features: features)
    }

    /// A tensor `[count]` of positive, finite numbers.
    func positive(_ name: String, count: Int) throws(LearningError) -> [Float] {
        let tensor = try tensor(name)
        guard tensor.shape == [count] else {
            throw .invalidTensor(name: name, expected: "shape [\(count)]", found: "\(tensor.shape)")
        }
        for value in tensor.values where !(value > 0 && value.isFinite) {
            throw .invalidTensor(name: name, expected: "positive numbers", found: "\(value)")
        }
        return tensor.values
    }

    private func tensor(_ name: String) throws(LearningError) -> Tensor {
        guard let tensor = tensors[name] else {
            throw .invalidTensor(name: name, expected: "a tensor of that name", found: "none")
        }
        return tensor
    }
}
