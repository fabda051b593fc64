import Compute

/// What a node of a ``Graph`` computes. Shapes are of one image; the batch is implicit.
///
/// An enum on purpose: every pass switches over it exhaustively, so that the compiler finds what a new operation misses.
public enum Operation: Sendable {
    /// Inputs: the feature map; and, if `addsResidual`, a second map of the output's shape.
    case convolution(Convolution)
    /// `(x − mean) / √(variance + ε) · scale + bias`, a channel each (Ioffe & Szegedy 2015), with frozen statistics.
    case batchNormalization(BatchNormalization)
    /// Element by element.
    case activation(Activation)
    /// The largest element of each window; padding does not take part.
    case maxPool(Window)
    /// The mean of each window; `countsPadding` divides by the kernel's size also where it overhangs the border.
    case averagePool(Window, countsPadding: Bool)
    /// The mean of each channel: `[C, H, W] → [C, 1, 1]`.
    case globalAveragePool
    /// `W·x + b` over all the input's elements, in C, H, W order where the input is a map.
    case dense(Dense)
    /// The sum of two inputs of equal shape, then the activation.
    case add(Activation)
    /// Zeros around the map.
    case pad(EdgeInsets)
    /// `[C, H, W] → [C·H·W]`, in that order.
    case flatten
    /// Over the features of a vector.
    case softmax
}

/// A two-dimensional convolution (cross-correlation, as in all deep-learning frameworks).
public struct Convolution: Sendable {
    /// `[output channels, input channels / groups, kernel height, kernel width]`
    public var weights: Tensor
    /// `[output channels]`
    public var bias: Tensor?
    public var window: Window
    /// 1, or the number of channels for a depthwise convolution.
    public var groups: Int
    /// Applied last, after the residual is added.
    public var activation: Activation
    /// Whether a second input is added before the activation.
    public var addsResidual: Bool

    public init(
        weights: Tensor, bias: Tensor? = nil, window: Window, groups: Int = 1, activation: Activation = .identity,
        addsResidual: Bool = false
    ) {
        self.weights = weights
        self.bias = bias
        self.window = window
        self.groups = groups
        self.activation = activation
        self.addsResidual = addsResidual
    }
}

/// The frozen statistics and the learned affine map of a batch normalisation; each tensor is `[channels]`.
public struct BatchNormalization: Sendable {
    public var scale: Tensor
    public var bias: Tensor
    public var mean: Tensor
    public var variance: Tensor
    public var epsilon: Float

    public init(scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, epsilon: Float) {
        self.scale = scale
        self.bias = bias
        self.mean = mean
        self.variance = variance
        self.epsilon = epsilon
    }
}

/// A fully connected layer.
public struct Dense: Sendable {
    /// `[outputs, inputs]`
    public var weights: Tensor
    /// `[outputs]`
    public var bias: Tensor?
    public var activation: Activation

    public init(weights: Tensor, bias: Tensor? = nil, activation: Activation = .identity) {
        self.weights = weights
        self.bias = bias
        self.activation = activation
    }
}
