import CKernels

/// The largest element of each window; padding does not take part.
public struct MaxPooling: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    private let geometry: f32_window
    private let kernels: KernelTable

    public init(window: Window, input: FeatureMap, kernels: KernelTable) throws(ComputeError) {
        (output, geometry) = try window.pooling(on: input)
        self.input = input
        self.kernels = kernels
    }

    /// Reads `images × input.count` floats and writes `images × output.count`.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let maxPool = kernels.functions.max_pool
        let (inputCount, outputCount) = (self.input.count, self.output.count)
        let work = max(inputCount, outputCount)
        RowSplit(images: images, rows: self.output.height, workPerImage: work, pool: pool).run { image, rows in
            withUnsafePointer(to: geometry) { geometry in
                maxPool(
                    geometry, input + image * inputCount, output + image * outputCount, rows.lowerBound,
                    rows.upperBound)
            }
        }
    }
}

/// The mean of each window.
public struct AveragePooling: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    private let countsPadding: Bool
    private let geometry: f32_window
    private let kernels: KernelTable

    /// `countsPadding` divides by the kernel's size also where it overhangs the border, as if zeros lay there.
    public init(
        window: Window, countsPadding: Bool, input: FeatureMap, kernels: KernelTable
    ) throws(ComputeError) {
        (output, geometry) = try window.pooling(on: input)
        self.countsPadding = countsPadding
        self.input = input
        self.kernels = kernels
    }

    /// Reads `images × input.count` floats and writes `images × output.count`.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let averagePool = kernels.functions.average_pool
        let (inputCount, outputCount, countsPadding) = (self.input.count, self.output.count, countsPadding)
        let work = max(inputCount, outputCount)
        RowSplit(images: images, rows: self.output.height, workPerImage: work, pool: pool).run { image, rows in
            withUnsafePointer(to: geometry) { geometry in
                averagePool(
                    geometry, countsPadding, input + image * inputCount, output + image * outputCount,
                    rows.lowerBound, rows.upperBound)
            }
        }
    }
}

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

extension Window {
    fileprivate func pooling(on input: FeatureMap) throws(ComputeError) -> (FeatureMap, f32_window) {
        let output = try output(on: input, channels: input.channels)
        guard touchesEverywhere(input, output: output) else { throw .windowInPadding(window: self, map: input) }
        return (output, geometry(on: input, output: output))
    }
}
