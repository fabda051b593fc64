import Compute
import Network

/// What a name of an ONNX graph stands for while the graph is read.
enum ONNXValue {
    /// Something that is computed for each image.
    case features(Features)
    /// Weights: numbers of any type, held as float32.
    case floats(Tensor, type: ONNXTensor.ElementType = .float)
    /// Shapes, axes, pads.
    case integers(IntegerTensor)

    /// A value of the graph that is being made, with its shape for one image: `[C, H, W]` or `[K]`, or any other.
    struct Features {
        let id: Graph.ValueID
        let shape: [Int]
    }

    /// What it is, for errors.
    var kind: String {
        switch self {
        case .features(let features): "activations of shape \(features.shape) an image"
        case .floats(let tensor, let type): "constants (\(type)) of shape \(tensor.shape)"
        case .integers(let tensor): "constant integers of shape \(tensor.shape)"
        }
    }

    /// Whether its numbers are known while the file is read.
    var isConstant: Bool { if case .features = self { false } else { true } }
}
