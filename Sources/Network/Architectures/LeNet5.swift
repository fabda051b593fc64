import Compute

/// LeNet-5 (LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998, figure 2) as it is written
/// today: average pools for the trained subsampling, every map of C3 sees all of S2, logits for the radial basis
/// functions (61,706 parameters).
///
///     C1 5×5, 6 → S2 → C3 5×5, 16 → S4 → C5 120 → F6 84 → 10, tanh after C and F
///
/// Tensors: `conv1`, `conv2`, `fc1`, `fc2`, `fc3`. Images of 28×28 get the two rows of zeros that make them 32×32.
public struct LeNet5: ConvolutionalNetwork {
    public let inputShape = [1, 32, 32]

    public init() {}

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: "conv1")
        let tanh = Operation.unary(.tanh)
        var x = builder.input
        x = try builder.convolution("conv1", x, to: 6, kernel: 5, padding: inputShape == [1, 28, 28] ? 2 : 0)
        x = builder.activation("conv1.activation", tanh, x)
        x = try builder.averagePool("pool1", x, kernel: 2, stride: 2)
        x = try builder.convolution("conv2", x, to: 16, kernel: 5, padding: 0)
        x = builder.activation("conv2.activation", tanh, x)
        x = try builder.averagePool("pool2", x, kernel: 2, stride: 2)
        x = builder.activation("fc1.activation", tanh, try builder.dense("fc1", x, to: 120))
        x = builder.activation("fc2.activation", tanh, try builder.dense("fc2", x, to: 84))
        _ = try builder.classifier(as: "fc3", x, otherwise: 10)
        return builder.graph
    }
}
