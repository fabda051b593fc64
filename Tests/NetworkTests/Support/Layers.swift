import Compute

@testable import Network

/// Every kernel table that this machine can run.
let tables = KernelTable.available.compactMap { KernelTable(named: $0) }

/// Seeded operations, for graphs whose arithmetic does not matter or is compared with itself.
struct Layers {
    private var generator: SeededGenerator

    init(seed: Int = 1) { generator = SeededGenerator(seed: seed) }

    mutating func tensor(_ shape: Int...) throws -> Tensor {
        try Tensor(shape: shape, values: generator.floats(shape.reduce(1, *)))
    }

    mutating func convolution(
        _ inputs: Int, _ outputs: Int, kernel: Int = 1, stride: Int = 1, padding: Int = 0,
        activation: Activation = .identity, addsResidual: Bool = false
    ) throws -> Operation {
        .convolution(
            Convolution(
                weights: try tensor(outputs, inputs, kernel, kernel), bias: try tensor(outputs),
                window: Window(kernel: kernel, stride: stride, padding: padding), activation: activation,
                addsResidual: addsResidual))
    }

    mutating func depthwise(_ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0) throws -> Operation {
        .convolution(
            Convolution(
                weights: try tensor(channels, 1, kernel, kernel), bias: try tensor(channels),
                window: Window(kernel: kernel, stride: stride, padding: padding), groups: channels))
    }

    mutating func dense(_ inputs: Int, _ outputs: Int) throws -> Operation {
        .dense(Dense(weights: try tensor(outputs, inputs), bias: try tensor(outputs)))
    }

    mutating func normalization(_ channels: Int) throws -> Operation {
        let variance = generator.floats(channels).map { 1 + abs($0) }
        return .batchNormalization(
            BatchNormalization(
                scale: try tensor(channels), bias: try tensor(channels), mean: try tensor(channels),
                variance: try Tensor(shape: [channels], values: variance), epsilon: 1e-3))
    }

    mutating func images(_ count: Int, of shape: [Int]) -> [Float] {
        generator.floats(count * shape.reduce(1, *))
    }

    mutating func index(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
}

extension Graph {
    /// The operations that remain after the passes, in words.
    var optimizedOperations: [String] {
        get throws { try optimized().nodes.map(\.operation.description) }
    }
}
