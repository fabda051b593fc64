import Compute

/// The kernel tables that this machine runs.
let tables = KernelTable.available.compactMap { KernelTable(named: $0) }

/// One convolution with random contents, run through a driver on guarded memory.
struct ConvolutionCase: CustomStringConvertible {
    var map: FeatureMap
    var outputs: Int
    var window: Window
    var hasBias = true
    var hasResidual = false
    var activation = Activation.identity
    var seed = 1

    var description: String {
        """
        \(map) → \(outputs), kernel \(window.kernelHeight)×\(window.kernelWidth), stride \
        \(window.strideHeight)×\(window.strideWidth), dilation \(window.dilationHeight)×\(window.dilationWidth), \
        padding \(window.padding), bias \(hasBias), residual \(hasResidual), \(activation)
        """
    }

    static func random(seed: Int) -> ConvolutionCase {
        var random = SeededGenerator(seed: seed)
        while true {
            let window = Window(
                kernelHeight: .random(in: 1...4, using: &random), kernelWidth: .random(in: 1...4, using: &random),
                strideHeight: .random(in: 1...3, using: &random), strideWidth: .random(in: 1...3, using: &random),
                dilationHeight: .random(in: 1...2, using: &random), dilationWidth: .random(in: 1...2, using: &random),
                padding: EdgeInsets(
                    top: .random(in: 0...2, using: &random), left: .random(in: 0...2, using: &random),
                    bottom: .random(in: 0...2, using: &random), right: .random(in: 0...2, using: &random)))
            let map = FeatureMap(
                height: .random(in: 1...9, using: &random), width: .random(in: 1...9, using: &random),
                channels: .random(in: 1...20, using: &random))
            guard window.outputSize(height: map.height, width: map.width) != nil else { continue }
            return ConvolutionCase(
                map: map, outputs: .random(in: 1...70, using: &random),
                window: seed.isMultiple(of: 4) ? Window(kernel: 1) : window,
                hasBias: .random(using: &random), hasResidual: .random(using: &random),
                activation: [.identity, .relu, .relu6, .clamp(lower: -1, upper: 1)][seed / 4 % 4], seed: seed)
        }
    }

    private var taps: Int { window.kernelHeight * window.kernelWidth }

    private var outputCount: Int {
        window.outputSize(height: map.height, width: map.width).map { $0.height * $0.width * outputs } ?? 0
    }

    struct Contents {
        var weights: [Float]
        var bias: [Float]?
        var inputs: [[Float]]
        var residuals: [[Float]]?
    }

    func contents(images: Int, groupChannels: Int) -> Contents {
        var random = SeededGenerator(seed: seed)
        let weights = random.floats(outputs * groupChannels * taps)
        let bias = random.floats(outputs)
        return Contents(
            weights: weights, bias: hasBias ? bias : nil,
            inputs: (0..<images).map { _ in random.floats(map.count) },
            residuals: hasResidual ? (0..<images).map { _ in random.floats(outputCount) } : nil)
    }

    /// The images' outputs from a dense convolution.
    func dense(
        _ contents: Contents, precision: Precision = .float32, kernels: KernelTable, pool: ComputePool? = nil
    ) throws -> [Float] {
        let layer = try DenseConvolution(
            weights: Tensor(
                shape: [outputs, map.channels, window.kernelHeight, window.kernelWidth], values: contents.weights),
            bias: contents.bias.map { try Tensor(shape: [outputs], values: $0) }, window: window, input: map,
            activation: activation, precision: precision, kernels: kernels)
        let scratch = (0..<(pool?.threads ?? 1)).map { _ in GuardedFloats(count: layer.scratchCount) }
        for memory in scratch { memory.fill(.nan) }
        return run(contents) {
            layer.run(input: $0, residual: $1, output: $2, images: $3, pool: pool) {
                scratch[$0].pointer
            }
        }
    }

    /// The images' outputs from a depthwise convolution.
    func depthwise(_ contents: Contents, kernels: KernelTable, pool: ComputePool? = nil) throws -> [Float] {
        let layer = try DepthwiseConvolution(
            weights: Tensor(
                shape: [map.channels, 1, window.kernelHeight, window.kernelWidth], values: contents.weights),
            bias: contents.bias.map { try Tensor(shape: [outputs], values: $0) }, window: window, input: map,
            activation: activation, kernels: kernels)
        return run(contents) { layer.run(input: $0, residual: $1, output: $2, images: $3, pool: pool) }
    }

    func run(
        _ contents: Contents,
        _ layer: (UnsafePointer<Float>, UnsafePointer<Float>?, UnsafeMutablePointer<Float>, Int) -> Void
    ) -> [Float] {
        let images = contents.inputs.count
        let input = GuardedFloats(contents.inputs.flatMap { $0 })
        let residual = contents.residuals.map { GuardedFloats($0.flatMap { $0 }) }
        let output = GuardedFloats(count: images * outputCount)
        output.fill(.nan)
        layer(input.pointer, residual.map { UnsafePointer($0.pointer) }, output.pointer, images)
        return output.values
    }

    func reference(_ contents: Contents, groups: Int = 1) -> Reference.Result {
        var all = Reference.Result()
        for image in contents.inputs.indices {
            let one = Reference.convolution(
                contents.inputs[image], map, weights: contents.weights, outputs: outputs, groups: groups,
                bias: contents.bias, residual: contents.residuals?[image], window: window, activation: activation)
            all.values += one.values
            all.bounds += one.bounds
        }
        return all
    }
}
