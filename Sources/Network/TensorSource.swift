import Compute

/// Where an architecture takes its weights from: a safetensors file, say, or a test's table.
public protocol TensorSource {
    /// The tensor called `name`; throws where it is missing or its shape is not `shape`.
    func tensor(_ name: String, shape: [Int]) throws -> Tensor
}
