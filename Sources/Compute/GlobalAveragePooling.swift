/// The mean of each channel over the whole map: `[H, W, C] → [C]`.
public struct GlobalAveragePooling: Sendable {
    private let pooling: AveragePooling

    /// Of one image.
    public var input: FeatureMap { pooling.input }
    /// Of one image.
    public var output: FeatureMap { pooling.output }

    public init(input: FeatureMap, kernels: KernelTable) throws(ComputeError) {
        let window = Window(kernelHeight: input.height, kernelWidth: input.width)
        pooling = try AveragePooling(window: window, countsPadding: false, input: input, kernels: kernels)
    }

    /// Reads `images × input.count` floats and writes `images × output.count`.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        pooling.run(input: input, output: output, images: images, pool: pool)
    }
}
