import CKernels

/// A two-dimensional convolution (cross-correlation) in which every output channel sees every input channel.
///
/// Computed as an indirect matrix product: no copy of the input's windows is made (Dukhan, "The Indirect Convolution
/// Algorithm", 2019). The weights are packed once, here.
public final class DenseConvolution: Sendable {
    /// Of one image.
    public let input: FeatureMap
    /// Of one image.
    public let output: FeatureMap
    /// Multiply-adds for one image, padding included.
    public let multiplyAdds: Int
    /// The microkernel, as `f32_igemm_12x32__avx512`.
    public let kernelName: String
    private let product: IndirectProduct
    /// Where there are few channels, the input with zeros on the left and the right of each row: then the pixels under a row of
    /// the kernel follow one another, and are multiplied as if they were one pixel of more channels.
    private let padded: FeatureMap?
    private let paddingLeft: Int
    private let formats: NumberFormats
    private let precision: Precision
    private let kernels: KernelTable

    /// The most channels of the first layer's kind: with more, rows of the kernel are long enough by themselves.
    private static let fewChannels = 8

    /// - Parameters:
    ///   - weights: `[output channels, input channels, kernel height, kernel width]`
    ///   - bias: `[output channels]`
    ///   - activation: applied last, after a residual is added.
    ///   - formats: of what it reads and writes; other than floats only in bfloat16, where it ``readsRounded(_:)``.
    public init(
        weights: Tensor, bias: Tensor?, window: Window, input: FeatureMap, activation: Activation,
        precision: Precision = .float32, formats: NumberFormats = NumberFormats(), kernels: KernelTable
    ) throws(ComputeError) {
        let outputs = weights.shape.first ?? 0
        let expected = [max(outputs, 1), input.channels, window.kernelHeight, window.kernelWidth]
        guard weights.shape == expected else {
            throw .shapeMismatch(
                tensor: "convolution weights", expected: [-1] + expected.dropFirst(), found: weights.shape)
        }
        try PackedWeights.check(bias: bias, outputs: outputs)
        let output = try window.output(on: input, channels: outputs)
        let rows = output.height * output.width
        let taps = window.kernelHeight * window.kernelWidth
        let inPlace = window == Window(kernel: 1)
        let tiles = IndirectProduct.tiles(
            rows: rows, distance: window.strideWidth * input.channels, precision: precision, kernels: kernels)
        padded = try Self.padded(input, fewChannels: Self.fewChannels, window: window, output: output)
        paddingLeft = window.padding.left
        (self.formats, self.precision, self.kernels) = (formats, precision, kernels)
        let packed = try PackedWeights(
            weights, bias: bias, outputs: outputs, channels: input.channels, taps: taps,
            merging: padded == nil ? 1 : window.kernelWidth, precision: precision, kernels: kernels)
        if let padded {
            var formats = formats
            if precision == .bfloat16 { formats.input = .bfloat16 }
            product = IndirectProduct(
                kernels: kernels, weights: packed,
                indirection: try Indirection(window: window.column, input: padded, output: output, tiles: tiles),
                rows: rows,
                inputCount: padded.count, activation: activation, formats: formats, readsBehind: true)
        } else {
            product = IndirectProduct(
                kernels: kernels, weights: packed,
                indirection: inPlace
                    ? nil : try Indirection(window: window, input: input, output: output, tiles: tiles),
                rows: rows, inputCount: input.count, activation: activation, formats: formats)
        }
        self.input = input
        self.output = output
        multiplyAdds = try countMultiplyAdds(rows, weights.count)
        kernelName = packed.kernelName(kernels)
    }

    /// Whether a map may be read as bfloat16 numbers: one that is not copied first, and whose pixels are whole pairs.
    public static func readsRounded(_ input: FeatureMap) -> Bool {
        input.channels > fewChannels && input.channels.isMultiple(of: 2)
    }

    /// Reads `images × input.count` numbers and writes `images × output.count`: `activation(w ∗ x + bias + residual)`.
    /// The residual may be the output itself where both have one format. With a pool, its threads share the work; the result is the same.
    ///
    /// - Parameter scratch: ``scratchCount`` floats for each of the pool's threads; what they were is lost.
    public func run(
        input: UnsafeRawPointer, residual: UnsafeRawPointer? = nil, output: UnsafeMutableRawPointer,
        images: Int, pool: ComputePool?, scratch: (_ worker: Int) -> UnsafeMutablePointer<Float>
    ) {
        guard let padded else {
            return product.run(
                input: input, residual: residual, output: output, images: images, pool: pool, scratch: scratch)
        }
        let map = scratch(0) + product.scratchCount
        for image in 0..<images {
            let source = input.assumingMemoryBound(to: Float.self) + image * self.input.count
            let count = self.input.width * self.input.channels
            if precision == .bfloat16 {
                let numbers = UnsafeMutableRawPointer(map).assumingMemoryBound(to: UInt16.self)
                numbers[padded.count] = 0
                pad(to: numbers, map: padded, pool: pool) { row, line in
                    kernels.round(source + row * count, count: count, into: line)
                }
            } else {
                pad(to: map, map: padded, pool: pool) { row, line in
                    line.update(from: source + row * count, count: count)
                }
            }
            let offset = image * self.output.count
            product.run(
                input: map, residual: residual.map { $0 + offset * formats.residual.size },
                output: output + offset * formats.output.size, images: 1, pool: pool, scratch: scratch)
        }
    }

    /// The floats of memory that a run needs beside input and output.
    public var scratchCount: Int { product.scratchCount + (padded.map(paddedFloats) ?? 0) }

    /// In bfloat16 with the number that makes the last pixel's a pair.
    private func paddedFloats(_ map: FeatureMap) -> Int {
        precision == .bfloat16 ? NumberFormat.bfloat16.floats(map.count + 1) : map.count
    }

    /// The map whose rows hold all pixels under the window; `nil` where there is nothing to win.
    static func padded(
        _ input: FeatureMap, fewChannels: Int, window: Window, output: FeatureMap
    ) throws(ComputeError) -> FeatureMap? {
        guard input.channels <= fewChannels, window.kernelWidth > 1, window.dilationWidth == 1 else { return nil }
        let width = max(
            window.padding.left + input.width, (output.width - 1) * window.strideWidth + window.kernelWidth)
        let map = FeatureMap(height: input.height, width: width, channels: input.channels)
        _ = try map.addressableCount()
        return map
    }

    /// Writes the rows of an image with zeros beside them, of either format.
    private func pad<Number: Numeric>(
        to target: UnsafeMutablePointer<Number>, map: FeatureMap, pool: ComputePool?,
        row copy: (_ row: Int, _ target: UnsafeMutablePointer<Number>) -> Void
    ) {
        let (count, pitch) = (input.width * input.channels, map.width * map.channels)
        let left = paddingLeft * map.channels
        RowSplit(images: 1, rows: map.height, workPerImage: map.count, pool: pool).run { _, rows in
            for row in rows {
                let line = target + row * pitch
                line.update(repeating: 0, count: left)
                copy(row, line + left)
                (line + left + count).update(repeating: 0, count: pitch - left - count)
            }
        }
    }
}

extension Window {
    /// The window whose taps are whole rows of the kernel, over a map that has its padding on the left and the right.
    var column: Window {
        var column = self
        (column.kernelWidth, column.padding.left, column.padding.right) = (1, 0, 0)
        return column
    }
}
