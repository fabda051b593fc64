import Compute

/// AlexNet (Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014), as torchvision has it: on
/// one processor, without local response normalisation.
public struct AlexNet: ConvolutionalNetwork {
    private struct Row {
        let position: Int
        let outputs: Int
        let kernel: Int
        let stride: Int
        let padding: Int
        let isPooled: Bool
    }

    /// Its five convolutions; a 3×3 max pool of stride 2 follows three of them.
    private static let rows = [
        Row(position: 0, outputs: 64, kernel: 11, stride: 4, padding: 2, isPooled: true),
        Row(position: 3, outputs: 192, kernel: 5, stride: 1, padding: 2, isPooled: true),
        Row(position: 6, outputs: 384, kernel: 3, stride: 1, padding: 1, isPooled: false),
        Row(position: 8, outputs: 256, kernel: 3, stride: 1, padding: 1, isPooled: false),
        Row(position: 10, outputs: 256, kernel: 3, stride: 1, padding: 1, isPooled: true),
    ]

    /// Of the two dense layers before the last.
    let hidden: Int

    public init() { self.init(hidden: 4096) }

    init(hidden: Int) { self.hidden = hidden }

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: "features.0")
        let relu = Operation.activation(.relu)
        var x = builder.input
        for row in Self.rows {
            let name = "features.\(row.position)"
            x = try builder.convolution(
                name, x, to: row.outputs, kernel: row.kernel, stride: row.stride, padding: row.padding)
            x = builder.activation("\(name).activation", relu, x)
            if row.isPooled { x = try builder.maxPool("\(name).pool", x, kernel: 3, stride: 2) }
        }
        x = builder.adaptiveAveragePool("adaptive_pool", x, side: 6)
        x = builder.activation("fc1.activation", relu, try builder.dense("fc1", as: "classifier.1", x, to: hidden))
        x = builder.activation("fc2.activation", relu, try builder.dense("fc2", as: "classifier.4", x, to: hidden))
        _ = try builder.classifier(as: "classifier.6", x)
        return builder.graph
    }
}
