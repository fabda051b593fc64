import Compute

extension Kernel {
    /// A kernel of whole numbers, and the grid of the bytes that it writes.
    struct Quantized {
        let kernel: Kernel
        /// `nil` where it writes floats.
        let grid: QuantizationGrid?
    }

    /// - Parameters:
    ///   - inputs: their shapes, of one image.
    ///   - grids: the inputs', of bytes; `nil` for floats.
    ///   - grid: that which the output is rounded to, of bytes, if to any.
    /// - Returns: `nil` where there is no such kernel.
    static func quantized(
        _ operation: Operation, inputs: [[Int]], grids: [QuantizationGrid?], rounded grid: QuantizationGrid?,
        kernels: KernelTable
    ) throws -> Quantized? {
        let map = FeatureMap(inputs.first ?? [])
        switch operation {
        case .unary(.roundToGrid(let own)):
            // One rounding after another is a layer of its own.
            guard let bytes = own.ofBytes, grid == nil else { return nil }
            if let input = grids[0] {
                let layer = Requantization(map: map, from: input, to: bytes, kernels: kernels)
                return Quantized(kernel: .requantize(layer), grid: bytes)
            }
            return Quantized(kernel: .quantize(Quantization(map: map, grid: bytes, kernels: kernels)), grid: bytes)
        case .maxPool(let window):
            guard let input = grids[0], grid == nil else { return nil }
            let layer = try QuantizedMaxPooling(window: window, input: map, kernels: kernels)
            return Quantized(kernel: .quantizedMaxPool(layer), grid: input)
        case .add(let activation):
            guard let grid, let a = grids[0], let b = grids[1] else { return nil }
            let layer = QuantizedAddition(
                map: map, activation: activation, grids: (a, b), output: grid, kernels: kernels)
            return Quantized(kernel: .quantizedAdd(layer), grid: grid)
        case .dense(let layer):
            guard let input = grids[0], let scales = layer.weightScales,
                areUsable(layer.weights, scales, bias: layer.bias, layer.activation, grids: grids, output: grid),
                QuantizedDenseLayer.canSum(layer.weights)
            else { return nil }
            let dense = try QuantizedDenseLayer(
                weights: layer.weights, scales: scales, bias: layer.bias, input: map, activation: layer.activation,
                grid: input, outputGrid: grid, kernels: kernels)
            return Quantized(kernel: .quantizedDense(dense), grid: grid)
        case .convolution(let layer):
            guard let input = grids[0], let scales = layer.weightScales,
                areUsable(layer.weights, scales, bias: layer.bias, layer.activation, grids: grids, output: grid),
                QuantizedDenseLayer.canSum(layer.weights)
            else { return nil }
            if layer.groups == 1 {
                let convolution = try QuantizedConvolution(
                    weights: layer.weights, scales: scales, bias: layer.bias, window: layer.window, input: map,
                    activation: layer.activation, grid: input, residual: grids.dropFirst().first ?? nil,
                    outputGrid: grid, kernels: kernels)
                return Quantized(kernel: .quantizedConvolution(convolution), grid: grid)
            }
            guard layer.groups == map.channels, layer.weights.shape.first == map.channels, !layer.addsResidual,
                QuantizedDepthwiseConvolution.supports(layer.window)
            else { return nil }
            let depthwise = try QuantizedDepthwiseConvolution(
                weights: layer.weights, scales: scales, bias: layer.bias, window: layer.window, input: map,
                activation: layer.activation, grid: input, outputGrid: grid, kernels: kernels)
            return Quantized(kernel: .quantizedDepthwise(depthwise), grid: grid)
        default: return nil
        }
    }

    /// Whether all that sums are multiplied with and added to is a number, and none so large that float32, or 32 bits of what becomes
    /// bytes, would not hold what comes of it: a file may say anything.
    private static func areUsable(
        _ weights: Tensor, _ scales: Tensor, bias: Tensor?, _ activation: Activation, grids: [QuantizationGrid?],
        output: QuantizationGrid?
    ) -> Bool {
        let unit = output?.scale ?? 1
        let inputs = grids.map { ($0?.scale ?? 1) / unit }
        let largestSum = 255 * 128 * Float(weights.count / max(scales.count, 1))
        let products = scales.values.map { $0 * inputs[0] * largestSum }
        let offsets = (bias?.values ?? []).map { abs($0 / unit) }
        // Five are added: products, what they are at the zero point, the bias, a residual and its zero point.
        let limit: Float = output == nil ? 1e30 : 0x1p28
        let bounds = activation.bounds
        return scales.values.allSatisfy { $0.isNormal && $0 > 0 } && bounds.lower <= bounds.upper
            && (products + inputs.map { 255 * $0 } + offsets).allSatisfy { $0 < limit }
    }

    /// The same layer before its output is rounded to a grid; `nil` where nothing rounds it.
    var writingFloats: Kernel? {
        switch self {
        case .quantizedConvolution(let layer): .quantizedConvolution(layer.writingFloats())
        case .quantizedDepthwise(let layer): .quantizedDepthwise(layer.writingFloats())
        case .quantizedDense(let layer): .quantizedDense(layer.writingFloats())
        default: nil
        }
    }
}
