import CKernels

/// One function of each element.
public struct UnaryMap: Sendable {
    private let function: f32_unary
    private let parameters: (Float, Float, Float, Float)
    private let count: Int
    private let kernels: KernelTable

    /// - Parameter count: the elements of one image.
    public init(_ function: UnaryFunction, count: Int, kernels: KernelTable) {
        (self.function, parameters) = function.kernel
        self.count = count
        self.kernels = kernels
    }

    /// Reads and writes `images × count` floats. The output may be the input.
    public func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, pool: ComputePool?
    ) {
        let (map, function, parameters) = (kernels.functions.unary, function, parameters)
        // A function costs about as much as visiting 16 elements.
        RowSplit(images: 1, rows: images * count, workPerImage: 16 * images * count, pool: pool).run { _, span in
            withUnsafeBytes(of: parameters) { bytes in
                let parameters = bytes.bindMemory(to: Float.self)
                guard let start = parameters.baseAddress else { return }
                map(function, start, input + span.lowerBound, output + span.lowerBound, span.count)
            }
        }
    }
}

extension UnaryFunction {
    fileprivate var kernel: (f32_unary, (Float, Float, Float, Float)) {
        switch self {
        case .sigmoid: (f32_sigmoid, (0, 0, 0, 0))
        case .tanh: (f32_tanh, (0, 0, 0, 0))
        case .exp: (f32_exp, (0, 0, 0, 0))
        case .log: (f32_log, (0, 0, 0, 0))
        case .sqrt: (f32_sqrt, (0, 0, 0, 0))
        case .erf: (f32_erf, (0, 0, 0, 0))
        case .negate: (f32_negate, (0, 0, 0, 0))
        case .absolute: (f32_absolute, (0, 0, 0, 0))
        case .reciprocal: (f32_reciprocal, (0, 0, 0, 0))
        case .softplus: (f32_softplus, (0, 0, 0, 0))
        case .softsign: (f32_softsign, (0, 0, 0, 0))
        case .mish: (f32_mish, (0, 0, 0, 0))
        case .round: (f32_round, (0, 0, 0, 0))
        case .floor: (f32_floor, (0, 0, 0, 0))
        case .ceil: (f32_ceil, (0, 0, 0, 0))
        case .silu: (f32_silu, (0, 0, 0, 0))
        case .hardSwish: (f32_hard_swish, (0, 0, 0, 0))
        case .hardSigmoid(let alpha, let beta): (f32_hard_sigmoid, (alpha, beta, 0, 0))
        case .leakyReLU(let alpha): (f32_leaky_relu, (alpha, 0, 0, 0))
        case .elu(let alpha): (f32_elu, (alpha, 1, 0, 0))
        case .selu(let alpha, let gamma): (f32_elu, (alpha, gamma, 0, 0))
        case .gelu: (f32_gelu, (0, 0, 0, 0))
        case .geluTanh: (f32_gelu_tanh, (0, 0, 0, 0))
        case .quantize(let grid): (f32_quantize, grid.parameters)
        case .roundToGrid(let grid): (f32_round_to_grid, grid.parameters)
        }
    }
}

extension QuantizationGrid {
    fileprivate var parameters: (Float, Float, Float, Float) { (scale, zeroPoint, lower, upper) }
}
