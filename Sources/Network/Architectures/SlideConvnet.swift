import Compute

/// The first convolutional network of many courses and of Keras's examples, for handwritten digits: two convolutions with
/// pooling and a dense layer (34,826 parameters).
///
///     Conv 3×3, 32, ReLU → MaxPool 2 → Conv 3×3, 64, ReLU → MaxPool 2 → Flatten → Dropout → Dense 10, softmax
///
/// Tensors: `conv1`, `conv2`, `fc`; the dense layer reads the map in C, H, W order, as PyTorch's `Flatten` has it.
public struct SlideConvnet: ConvolutionalNetwork {
    public let inputShape = [1, 28, 28]

    public init() {}

    public func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph {
        var builder = NetworkBuilder(inputShape: inputShape, source: source, stem: "conv1")
        var x = try builder.convolution("conv1", builder.input, to: 32, kernel: 3, padding: 0)
        x = builder.activation("conv1.activation", .activation(.relu), x)
        x = try builder.maxPool("pool1", x, kernel: 2, stride: 2)
        x = try builder.convolution("conv2", x, to: 64, kernel: 3, padding: 0)
        x = builder.activation("conv2.activation", .activation(.relu), x)
        x = try builder.maxPool("pool2", x, kernel: 2, stride: 2)
        x = try builder.classifier(as: "fc", x, otherwise: 10)
        _ = builder.activation("probabilities", .softmax(axis: 0), x)
        return builder.graph
    }
}
