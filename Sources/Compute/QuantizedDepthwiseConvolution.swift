import CKernels

/// A convolution of each channel, of numbers of 8 bits, with a filter of its own: sums are exact, in 32 bits.
public final class QuantizedDepthwiseConvolution: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    /// Multiply-adds for one image, padding included.
    public let multiplyAdds: Int
    private let whole: [Int8]
    private let bias: Tensor?
    private let scales: [Float]
    private let activation: Activation
    private let grid: QuantizationGrid
    private let finished: QuantizedOutput
    private let kernels: KernelTable
    private let geometry: f32_window
    private let weights: AlignedFloats
    private let zeros: AlignedFloats
    private let multipliers: AlignedFloats
    private let biases: AlignedFloats

    /// What the kernels have room for: columns under a window, rounded up to fours in each of its rows.
    private static let mostColumns = 512

    /// Whether the kernels compute such a window.
    public static func supports(_ window: Window) -> Bool {
        window.dilationHeight == 1 && window.dilationWidth == 1
            && (product(window.kernelHeight, window.kernelWidth + 4) ?? .max) <= mostColumns
    }

    /// - Parameters:
    ///   - weights: `[channels, 1, kernel height, kernel width]`
    ///   - scales: `[channels]`, whose multiples the weights are.
    ///   - bias: `[channels]`
    ///   - window: one that ``supports(_:)`` names.
    ///   - grid: the input's, of bytes; likewise `outputGrid` (`nil`: floats).
    public convenience init(
        weights: Tensor, scales: Tensor, bias: Tensor?, window: Window, input: FeatureMap, activation: Activation,
        grid: QuantizationGrid, outputGrid: QuantizationGrid?, kernels: KernelTable
    ) throws(ComputeError) {
        try DepthwiseWeights.check(weights, bias: bias, window: window, channels: input.channels)
        let output = try window.output(on: input, channels: input.channels)
        guard Self.supports(window) else { throw .windowMismatch(window: window, map: input) }
        let whole = try QuantizedWeights.rounded(weights, scales: scales, outputs: input.channels).whole
        self.init(
            whole, scales: Array(scales.values), bias: bias, activation: activation, input: input, output: output,
            geometry: window.geometry(on: input, output: output), grid: grid, outputGrid: outputGrid,
            multiplyAdds: try countMultiplyAdds(output.count, window.kernelHeight * window.kernelWidth),
            kernels: kernels)
    }

    private init(
        _ whole: [Int8], scales: [Float], bias: Tensor?, activation: Activation, input: FeatureMap,
        output: FeatureMap, geometry: f32_window, grid: QuantizationGrid, outputGrid: QuantizationGrid?,
        multiplyAdds: Int, kernels: KernelTable
    ) {
        (self.whole, self.scales, self.bias, self.activation) = (whole, scales, bias, activation)
        (self.input, self.output, self.geometry, self.grid) = (input, output, geometry, grid)
        (self.multiplyAdds, self.kernels) = (multiplyAdds, kernels)
        let taps = geometry.kernel_height * geometry.kernel_width
        finished = QuantizedOutput(
            scales: scales, sums: QuantizedWeights.sums(whole, elements: taps), bias: bias, activation: activation,
            input: grid, residual: nil, output: outputGrid)
        let (block, channels) = (kernels.integers.block, input.channels)
        let lanes = divideUp(channels, block) * block
        var window = geometry
        let columns = i8_depthwise_groups(&window) * i8_depthwise_positions(&window)
        weights = AlignedFloats(count: lanes * geometry.kernel_height * columns) { packed in
            i8_pack_depthwise(
                whole, &window, block, UnsafeMutableRawPointer(packed).assumingMemoryBound(to: Int8.self))
        }
        multipliers = Self.pack(finished.multipliers, lanes: lanes, block: block)
        biases = Self.pack(finished.biases, lanes: lanes, block: block)
        zeros = AlignedFloats(bytes: lanes, of: UInt8(grid.zeroPoint))
    }

    private static func pack(_ values: [Float], lanes: Int, block: Int) -> AlignedFloats {
        AlignedFloats(count: lanes) { i8_pack_depthwise_floats(values, values.count, block, $0) }
    }

    /// The same layer with the output that it has before it is rounded to a grid.
    public func writingFloats() -> QuantizedDepthwiseConvolution {
        QuantizedDepthwiseConvolution(
            whole, scales: scales, bias: bias, activation: activation, input: input, output: output,
            geometry: geometry, grid: grid, outputGrid: nil, multiplyAdds: multiplyAdds, kernels: kernels)
    }

    /// The microkernel, as `i8_depthwise__avx512vnni`.
    public var kernelName: String { String(cString: kernels.integers.depthwise_name) }

    /// Reads and writes maps of bytes, or writes floats where there is no grid for the output.
    public func run(
        input: UnsafeRawPointer, output: UnsafeMutableRawPointer, images: Int, pool: ComputePool?
    ) {
        let layer = i8_depthwise(
            window: geometry, zeros: UnsafeRawPointer(zeros.pointer).assumingMemoryBound(to: UInt8.self),
            weights: UnsafeRawPointer(weights.pointer).assumingMemoryBound(to: Int8.self),
            finish: finished.finish(multipliers: multipliers, biases: biases))
        let (inputBytes, outputBytes) = (4 * self.input.byteFloats, finished.bytes(self.output))
        RowSplit(images: images, rows: self.output.height, workPerImage: multiplyAdds, pool: pool).run { image, rows in
            let source = (input + image * inputBytes).assumingMemoryBound(to: UInt8.self)
            let target = output + image * outputBytes
            withUnsafePointer(to: layer) { layer in
                if finished.grid == nil {
                    kernels.integers.depthwise_floats(
                        layer, source, target.assumingMemoryBound(to: Float.self), rows.lowerBound, rows.upperBound)
                } else {
                    kernels.integers.depthwise_bytes(
                        layer, source, target.assumingMemoryBound(to: UInt8.self), rows.lowerBound, rows.upperBound)
                }
            }
        }
    }
}
