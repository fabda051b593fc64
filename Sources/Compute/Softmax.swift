import CKernels

/// `exp(x − max x) / Σ exp(x − max x)` over the features of each image: does not overflow, whatever the logits.
public struct Softmax: Sendable {
    private let features: Int

    public init(features: Int) throws(ComputeError) {
        guard features > 0 else {
            throw .shapeMismatch(tensor: "softmax input", expected: [-1], found: [features])
        }
        self.features = features
    }

    /// Reads and writes `images × features` floats. The output may be the input.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let features = features
        RowSplit(images: images, rows: 1, workPerImage: features, pool: pool).run { image, _ in
            f32_softmax(input + image * features, features, output + image * features)
        }
    }
}
