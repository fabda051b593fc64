import CKernels

/// A convolution of each channel, of numbers of 8 bits, with a filter of its own: sums are exact, in 32 bits.
public final class QuantizedDepthwiseConvolution: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    /// Multiply-adds for one image, padding included.
    public let multiplyAdds: Int
    private let sums: [Double]
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

    /// Whether the kernels compute such a window.
    public static func supports(_ window: Window) -> Bool {
        window.dilationHeight == 1 && window.dilationWidth == 1
            && (product(window.kernelHeight, window.kernelWidth + 6) ?? .max) <= Int(i8_depthwise_most_columns)
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
        let (whole, taps) = try QuantizedWeights.rounded(weights, scales: scales, outputs: input.channels)
        var geometry = window.geometry(on: input, output: output)
        let lanes = divideUp(input.channels, kernels.integers.block) * kernels.integers.block
        let columns = i8_depthwise_groups(&geometry) * i8_depthwise_positions(&geometry)
        let packed = AlignedFloats(count: lanes * window.kernelHeight * columns) { packed in
            i8_pack_depthwise(
                whole, &geometry, kernels.integers.block,
                UnsafeMutableRawPointer(packed).assumingMemoryBound(to: Int8.self))
        }
        self.init(
            packed, sums: QuantizedWeights.sums(whole, elements: taps), scales: Array(scales.values), bias: bias,
            activation: activation, input: input, output: output, geometry: geometry, grid: grid,
            outputGrid: outputGrid,
            multiplyAdds: try countMultiplyAdds(output.count, window.kernelHeight * window.kernelWidth),
            kernels: kernels)
    }

    private init(
        _ weights: AlignedFloats, sums: [Double], scales: [Float], bias: Tensor?, activation: Activation,
        input: FeatureMap,
        output: FeatureMap, geometry: f32_window, grid: QuantizationGrid, outputGrid: QuantizationGrid?,
        multiplyAdds: Int, kernels: KernelTable
    ) {
        (self.weights, self.sums, self.scales) = (weights, sums, scales)
        (self.bias, self.activation) = (bias, activation)
        (self.input, self.output, self.geometry, self.grid) = (input, output, geometry, grid)
        (self.multiplyAdds, self.kernels) = (multiplyAdds, kernels)
        finished = QuantizedOutput(
            scales: scales, sums: sums, bias: bias, activation: activation, input: grid, residual: nil,
            output: outputGrid)
        let block = kernels.integers.block
        let lanes = divideUp(input.channels, block) * block
        multipliers = Self.pack(finished.multipliers, lanes: lanes, block: block)
        biases = Self.pack(finished.biases, lanes: lanes, block: block)
        zeros = AlignedFloats(bytes: lanes, of: UInt8(grid.zeroPoint))
    }

    private static func pack(_ values: [Float], lanes: Int, block: Int) -> AlignedFloats {
        AlignedFloats(count: lanes) { i8_pack_depthwise_floats(values, values.count, block, $0) }
    }

    /// The same layer with the output that it has before it is rounded to a grid. The weights are shared.
    public func writingFloats() -> QuantizedDepthwiseConvolution {
        QuantizedDepthwiseConvolution(
            weights, sums: sums, scales: scales, bias: bias, activation: activation, input: input, output: output,
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
