import CKernels

/// `activation(x · scale + shift)` with a scale and a shift for each channel: a frozen batch normalisation that no
/// convolution could absorb.
public struct ChannelAffine: Sendable {
    private let map: FeatureMap
    private let scale: AlignedFloats
    private let shift: AlignedFloats
    private let activation: Activation
    private let kernels: KernelTable

    /// - Parameters:
    ///   - scale: `[channels]`
    ///   - shift: `[channels]`
    ///   - map: of one image: the input's and the output's.
    public init(
        scale: Tensor, shift: Tensor, map: FeatureMap, activation: Activation, kernels: KernelTable
    ) throws(ComputeError) {
        _ = try map.addressableCount()
        for (name, tensor) in [("scale", scale), ("shift", shift)] where tensor.shape != [map.channels] {
            throw .shapeMismatch(tensor: name, expected: [map.channels], found: tensor.shape)
        }
        self.scale = AlignedFloats(scale, paddedTo: map.channels)
        self.shift = AlignedFloats(shift, paddedTo: map.channels)
        self.map = map
        self.activation = activation
        self.kernels = kernels
    }

    /// Reads and writes `images × map.count` floats. The output may be the input.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let affine = kernels.functions.affine
        let bounds = activation.bounds
        let (channels, scale, shift) = (map.channels, scale.pointer, shift.pointer)
        let pixels = images * map.height * map.width
        RowSplit(images: 1, rows: pixels, workPerImage: pixels * channels, pool: pool).run { _, span in
            let start = span.lowerBound * channels
            affine(input + start, scale, shift, output + start, span.count, channels, bounds.lower, bounds.upper)
        }
    }
}
