/// A network whose layers are written in Swift, of any weights and size of images.
public protocol ConvolutionalNetwork: Sendable {
    /// Of one image: `[channels, height, width]`, as its authors have it.
    var inputShape: [Int] { get }

    /// The network with the weights of `source`, on images of `inputShape`.
    ///
    /// - Throws: what `source` throws where a tensor is missing or has another shape, ``GraphError`` where the images are
    ///   too small.
    func graph(weights source: some TensorSource, inputShape: [Int]) throws -> Graph
}

extension ConvolutionalNetwork {
    public var inputShape: [Int] { [3, 224, 224] }

    /// As ``graph(weights:inputShape:)``, on images of the size that its authors have.
    public func graph(weights source: some TensorSource) throws -> Graph {
        try graph(weights: source, inputShape: inputShape)
    }
}
