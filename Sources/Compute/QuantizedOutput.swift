import CKernels

/// What becomes of a quantised layer's sums, `activation(sum · scales + bias + residual)`: bytes on a grid, or floats.
struct QuantizedOutput: Sendable {
    /// `nil`: floats.
    let grid: QuantizationGrid?
    /// One for each output.
    let multipliers: [Float]
    let biases: [Float]
    let residualScale: Float
    private let bounds: (lower: Float, upper: Float)

    /// - Parameters:
    ///   - scales: those of the weights, one for each output.
    ///   - sums: of each output's weights, which the input's zero point is multiplied with.
    ///   - input: its grid, of bytes.
    ///   - residual: its grid, of bytes, where one is added that is quantised.
    ///   - output: its grid, of bytes; `nil` for floats.
    init(
        scales: [Float], sums: [Double], bias: Tensor?, activation: Activation, input: QuantizationGrid,
        residual: QuantizationGrid?, output: QuantizationGrid?
    ) {
        grid = output
        let unit = Double(output?.scale ?? 1)
        let step = Double(residual?.scale ?? 1) / unit
        residualScale = Float(step)
        // The zero points' parts are the same for all images.
        let offset = Double(output?.zeroPoint ?? 0) - Double(residual?.zeroPoint ?? 0) * step
        let bias = bias.map { Array($0.values) } ?? [Float](repeating: 0, count: scales.count)
        multipliers = scales.map { Float(Double(input.scale) * Double($0) / unit) }
        biases = scales.indices.map { index in
            let zero = Double(input.zeroPoint) * Double(input.scale) * Double(scales[index]) * sums[index]
            return Float((Double(bias[index]) - zero) / unit + offset)
        }
        bounds = output?.whole(activation.bounds) ?? activation.bounds
    }

    /// As kernels take it, with multipliers and biases laid out for them.
    func finish(multipliers: AlignedFloats, biases: AlignedFloats) -> i8_finish {
        i8_finish(
            multipliers: multipliers.pointer, biases: biases.pointer, residual_scale: residualScale,
            lower: bounds.lower, upper: bounds.upper)
    }

    /// The bytes of memory of one image's output.
    func bytes(_ map: FeatureMap) -> Int {
        MemoryLayout<Float>.stride * (grid == nil ? map.count : map.byteFloats)
    }
}
