import Compute

/// Vectors that samples are multiplied by, `[count, features]`.
struct ReferenceVectors: Sendable {
    let tensor: Tensor
    let count: Int
    private let layer: DenseLayer

    /// - Throws: `LearningError` where the tensor has other features, none at all, or a value that is not finite.
    init(_ tensor: Tensor, name: String, features: Int) throws {
        guard tensor.shape.count == 2, tensor.shape[0] > 0, tensor.shape[1] == features else {
            throw LearningError.invalidTensor(name: name, expected: "shape [n, \(features)]", found: "\(tensor.shape)")
        }
        guard tensor.withUnsafeBufferPointer({ $0.allSatisfy(\.isFinite) }) else {
            throw LearningError.invalidTensor(name: name, expected: "finite numbers", found: "NaN or infinity")
        }
        self.tensor = tensor
        count = tensor.shape[0]
        layer = try DenseLayer(
            weights: tensor, bias: nil, input: FeatureMap(features: features), activation: .identity,
            kernels: .selected)
    }

    /// Each sample's product with each vector, `[samples, count]`.
    /// - Parameter values: `[samples, features]`, whole rows.
    func products(_ values: [Float], pool: ComputePool?) -> [Float] {
        let samples = values.count / tensor.shape[1]
        guard samples * count > 0 else { return [] }
        return [Float](unsafeUninitializedCapacity: samples * count) { products, initialized in
            initialized = samples * count
            values.withUnsafeBufferPointer { values in
                guard let input = values.baseAddress, let output = products.baseAddress else { return }
                layer.run(input: input, output: output, images: samples, pool: pool) { _ in output }
            }
        }
    }
}
