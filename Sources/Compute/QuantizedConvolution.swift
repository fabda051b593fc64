import CKernels

/// A convolution of numbers of 8 bits in which every output channel sees every input channel: sums are exact, in 32 bits.
///
/// Maps of bytes take ``FeatureMap/byteFloats`` floats of memory an image.
public final class QuantizedConvolution: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    /// Multiply-adds for one image, padding included.
    public let multiplyAdds: Int
    private let weights: QuantizedWeights
    private let bias: Tensor?
    private let activation: Activation
    private let grids: (input: QuantizationGrid, residual: QuantizationGrid?)
    private let kernels: KernelTable
    private let indirection: Indirection?
    private let finished: QuantizedOutput
    private let product: QuantizedProduct
    /// Where there are few channels, the input between zero points on the left and the right of each row: then the pixels
    /// under a row of the kernel are multiplied as if they were one pixel of more channels.
    private let padded: FeatureMap?
    private let paddingLeft: Int

    /// With more channels a tap has whole quads, or nearly.
    private static let fewChannels = 8

    /// - Parameters:
    ///   - weights: `[output channels, input channels, kernel height, kernel width]`
    ///   - scales: `[output channels]`, whose multiples the weights are.
    ///   - bias: `[output channels]`
    ///   - activation: applied last, after a residual is added.
    ///   - grid: the input's, of bytes; likewise `residual` (`nil`: floats, if there is any) and `outputGrid` (`nil`: floats).
    public convenience init(
        weights: Tensor, scales: Tensor, bias: Tensor?, window: Window, input: FeatureMap, activation: Activation,
        grid: QuantizationGrid, residual: QuantizationGrid?, outputGrid: QuantizationGrid?, kernels: KernelTable
    ) throws(ComputeError) {
        let outputs = weights.shape.first ?? 0
        let expected = [max(outputs, 1), input.channels, window.kernelHeight, window.kernelWidth]
        guard weights.shape == expected else {
            throw .shapeMismatch(
                tensor: "convolution weights", expected: [-1] + expected.dropFirst(), found: weights.shape)
        }
        try PackedWeights.check(bias: bias, outputs: outputs)
        let output = try window.output(on: input, channels: outputs)
        let padded = try DenseConvolution.padded(input, fewChannels: Self.fewChannels, window: window, output: output)
        let merged = padded == nil ? 1 : window.kernelWidth
        let tiles = QuantizedProduct.tiles(rows: output.height * output.width, kernels: kernels)
        var indirection: Indirection?
        if let padded {
            indirection = try Indirection(window: window.column, input: padded, output: output, tiles: tiles)
        } else if window != Window(kernel: 1) {
            indirection = try Indirection(window: window, input: input, output: output, tiles: tiles)
        }
        self.init(
            try QuantizedWeights(
                weights, scales: scales, outputs: outputs, channels: input.channels,
                taps: window.kernelHeight * window.kernelWidth / merged, merged: merged, kernels: kernels),
            bias: bias, activation: activation, input: input, output: output, padded: padded,
            paddingLeft: window.padding.left, indirection: indirection, grids: (grid, residual),
            outputGrid: outputGrid, multiplyAdds: try countMultiplyAdds(output.height * output.width, weights.count),
            kernels: kernels)
    }

    private init(
        _ weights: QuantizedWeights, bias: Tensor?, activation: Activation, input: FeatureMap, output: FeatureMap,
        padded: FeatureMap?, paddingLeft: Int, indirection: Indirection?,
        grids: (input: QuantizationGrid, residual: QuantizationGrid?), outputGrid: QuantizationGrid?,
        multiplyAdds: Int, kernels: KernelTable
    ) {
        (self.weights, self.bias, self.activation, self.kernels) = (weights, bias, activation, kernels)
        (self.input, self.output, self.padded, self.paddingLeft) = (input, output, padded, paddingLeft)
        (self.indirection, self.grids, self.multiplyAdds) = (indirection, grids, multiplyAdds)
        finished = QuantizedOutput(
            scales: weights.scales, sums: weights.sums, bias: bias, activation: activation, input: grids.input,
            residual: grids.residual, output: outputGrid)
        product = QuantizedProduct(
            weights, zeroPoint: grids.input.zeroPoint, output: finished, residualIsBytes: grids.residual != nil,
            indirection: indirection, kernels: kernels)
    }

    /// The same layer with the output that it has before it is rounded to a grid. The weights are shared.
    public func writingFloats() -> QuantizedConvolution {
        QuantizedConvolution(
            weights, bias: bias, activation: activation, input: input, output: output, padded: padded,
            paddingLeft: paddingLeft, indirection: indirection, grids: grids, outputGrid: nil,
            multiplyAdds: multiplyAdds, kernels: kernels)
    }

    /// The floats that the packed weights take beyond those of the layer, of which they are a quarter.
    public var extraWeightCount: Int { weights.panels * weights.panelFloats - weights.count }

    /// The microkernel, as `i8_igemm_12x32__avx512vnni`.
    public var kernelName: String { product.kernelName }

    /// Reads and writes maps of bytes, or writes floats where there is no grid for the output.
    ///
    /// - Parameter scratch: ``scratchCount`` floats for each of the pool's threads; what they were is lost.
    public func run(
        input: UnsafeRawPointer, residual: UnsafeRawPointer?, output: UnsafeMutableRawPointer, images: Int,
        pool: ComputePool?, scratch: (_ worker: Int) -> UnsafeMutablePointer<Float>
    ) {
        let (inputBytes, outputBytes) = (4 * self.input.byteFloats, finished.bytes(self.output))
        // A residual is bytes or floats whatever the output is.
        let residualBytes = 4 * (grids.residual == nil ? self.output.count : self.output.byteFloats)
        for image in 0..<images {
            var source = (input + image * inputBytes).assumingMemoryBound(to: UInt8.self)
            if let padded {
                let map = UnsafeMutableRawPointer(scratch(0)).assumingMemoryBound(to: UInt8.self)
                pad(source, to: padded, at: map, pool: pool)
                source = UnsafePointer(map)
            }
            product.run(
                input: source, inputStride: self.input.channels,
                residual: residual.map { $0 + image * residualBytes }, output: output + image * outputBytes,
                outputStride: self.output.channels, rows: self.output.height * self.output.width, pool: pool)
        }
    }

    /// The floats of memory that a run needs beside input and output.
    public var scratchCount: Int { padded?.byteFloats ?? 0 }

    private func pad(
        _ source: UnsafePointer<UInt8>, to map: FeatureMap, at target: UnsafeMutablePointer<UInt8>, pool: ComputePool?
    ) {
        let (count, pitch) = (input.width * input.channels, map.width * map.channels)
        let (left, zero) = (paddingLeft * map.channels, UInt8(grids.input.zeroPoint))
        RowSplit(images: 1, rows: map.height, workPerImage: map.count, pool: pool).run { _, rows in
            for row in rows {
                let line = target + row * pitch
                line.update(repeating: zero, count: left)
                (line + left).update(from: source + row * count, count: count)
                (line + left + count).update(repeating: zero, count: pitch - left - count)
            }
        }
    }
}
