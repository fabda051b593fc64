import CKernels

/// `activation(a + b)`, element by element.
public struct Addition: Sendable {
    private let count: Int
    private let activation: Activation
    private let kernels: KernelTable

    /// `map` is of one image: both inputs' and the output's.
    public init(map: FeatureMap, activation: Activation, kernels: KernelTable) throws(ComputeError) {
        count = try map.addressableCount()
        self.activation = activation
        self.kernels = kernels
    }

    /// Reads twice and writes once `images × map.count` floats. The output may be one of the inputs.
    public func run(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int,
        pool: ComputePool?
    ) {
        let add = kernels.functions.add
        let bounds = activation.bounds
        RowSplit(images: 1, rows: images * count, workPerImage: images * count, pool: pool).run { _, span in
            let start = span.lowerBound
            add(a + start, b + start, output + start, span.count, bounds.lower, bounds.upper)
        }
    }
}

/// An activation on its own, where no layer could apply it.
public struct ElementwiseActivation: Sendable {
    private let count: Int
    private let activation: Activation
    private let kernels: KernelTable

    /// `map` is of one image: the input's and the output's.
    public init(map: FeatureMap, activation: Activation, kernels: KernelTable) throws(ComputeError) {
        count = try map.addressableCount()
        self.activation = activation
        self.kernels = kernels
    }

    /// Reads and writes `images × map.count` floats. The output may be the input.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let clamp = kernels.functions.clamp
        let bounds = activation.bounds
        RowSplit(images: 1, rows: images * count, workPerImage: images * count, pool: pool).run { _, span in
            let start = span.lowerBound
            clamp(input + start, output + start, span.count, bounds.lower, bounds.upper)
        }
    }
}
