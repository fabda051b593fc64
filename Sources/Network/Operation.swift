import Compute

/// What a node of a ``Graph`` computes. Shapes are of one image; the batch is implicit.
///
/// An enum on purpose: every pass switches over it exhaustively, so that the compiler finds what a new operation misses.
public enum Operation: Sendable {
    // MARK: Layers of convolutional networks, over a feature map `[C, H, W]` or a vector `[K]`

    /// Inputs: the feature map; and, if `addsResidual`, a second map of the output's shape.
    case convolution(Convolution)
    /// The gradient of a convolution with respect to its input, as a layer that makes maps larger.
    case transposedConvolution(TransposedConvolution)
    /// `(x − mean) / √(variance + ε) · scale + bias`, a channel each (Ioffe & Szegedy 2015), with frozen statistics.
    case batchNormalization(BatchNormalization)
    /// As a batch normalisation with each image's own statistics (Ulyanov et al. 2016).
    case instanceNormalization(InstanceNormalization)
    /// Each pixel's channels, or a vector, to mean 0 and variance 1; then `· scale + bias` (Ba et al. 2016).
    case layerNormalization(LayerNormalization)
    /// Each pixel's channels by the squares of their neighbours (Krizhevsky et al. 2012, section 3.3).
    case localResponseNormalization(LocalResponseNormalization)
    /// A clamp, element by element: what layers can do on the way.
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
    /// Any shape to a vector, in logical order: `[C, H, W] → [C·H·W]`.
    case flatten

    // MARK: Arrays of any rank

    /// A fixed array; no inputs.
    case constant(Tensor)
    /// One function on each element.
    case unary(UnaryFunction)
    /// One function on each pair of elements of two inputs, of which either is broadcast to the other as NumPy does.
    case binary(BinaryFunction)
    /// Over one axis: `exp(x) / Σ exp(x)`.
    case softmax(axis: Int)
    /// Over one axis: `x − log Σ exp(x)`.
    case logSoftmax(axis: Int)
    /// Over `axes`, each of which stays with extent 1; reshape to drop them.
    case reduce(Reduction, axes: [Int])
    /// Two inputs `[…, M, K]` and `[…, K, N]` to `[…, M, N]`, the leading axes broadcast.
    case matrixProduct
    /// Any number of inputs, one after another along an axis.
    case concatenate(axis: Int)
    /// For each axis of the input, the indices that are kept, in their order; −1 stands for `fill`: slices, gathers, paddings
    /// of all kinds and nearest-neighbour resizing.
    case select(Selection)
    /// Axis `i` of the output is axis `permutation[i]` of the input.
    case transpose([Int])
    /// The same elements in the same logical order under another shape.
    case reshape([Int])
    /// The positions along one axis are mixed from the input's: linear and cubic resizing, an axis after another.
    case resample(axis: Int, [ResamplingTaps])
    /// `W·x + b` along the last axis of a matrix, `[rows, inputs] → [rows, outputs]`.
    case linear(Dense)
}

/// A two-dimensional convolution (cross-correlation, as in all deep-learning frameworks).
public struct Convolution: Sendable {
    /// `[output channels, input channels / groups, kernel height, kernel width]`
    public var weights: Tensor
    /// `[output channels]`, above 0: each channel's weights are whole multiples of its scale, −128 … 127 (int8), up to rounding.
    /// `nil`: they are any numbers.
    public var weightScales: Tensor?
    /// `[output channels]`
    public var bias: Tensor?
    public var window: Window
    /// How many parts the channels fall into, each seen by its own outputs only; as many as channels: depthwise.
    public var groups: Int
    /// Applied last, after the residual is added.
    public var activation: Activation
    /// Whether a second input is added before the activation.
    public var addsResidual: Bool

    public init(
        weights: Tensor, weightScales: Tensor? = nil, bias: Tensor? = nil, window: Window, groups: Int = 1,
        activation: Activation = .identity, addsResidual: Bool = false
    ) {
        self.weights = weights
        self.weightScales = weightScales
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
    /// `[outputs]`: as ``Convolution/weightScales``.
    public var weightScales: Tensor?
    /// `[outputs]`
    public var bias: Tensor?
    public var activation: Activation

    public init(
        weights: Tensor, weightScales: Tensor? = nil, bias: Tensor? = nil, activation: Activation = .identity
    ) {
        self.weights = weights
        self.weightScales = weightScales
        self.bias = bias
        self.activation = activation
    }
}

/// A transposed convolution: each input pixel adds its `weights`, times its value, to a window of the output.
public struct TransposedConvolution: Sendable {
    /// `[input channels, output channels / groups, kernel height, kernel width]`
    public var weights: Tensor
    /// `[output channels]`
    public var bias: Tensor?
    /// Slides over the output; its padding is cut off there.
    public var window: Window
    public var groups: Int
    /// `[height, width]` of the output.
    public var outputSize: (height: Int, width: Int)

    public init(
        weights: Tensor, bias: Tensor? = nil, window: Window, groups: Int = 1, outputSize: (height: Int, width: Int)
    ) {
        self.weights = weights
        self.bias = bias
        self.window = window
        self.groups = groups
        self.outputSize = outputSize
    }
}

/// Each tensor is `[channels]`.
public struct InstanceNormalization: Sendable {
    public var scale: Tensor
    public var bias: Tensor
    public var epsilon: Float

    public init(scale: Tensor, bias: Tensor, epsilon: Float) {
        self.scale = scale
        self.bias = bias
        self.epsilon = epsilon
    }
}

/// Each tensor is `[channels]` of a map, or the last axis of another array.
public struct LayerNormalization: Sendable {
    public var scale: Tensor
    public var bias: Tensor?
    public var epsilon: Float

    public init(scale: Tensor, bias: Tensor?, epsilon: Float) {
        self.scale = scale
        self.bias = bias
        self.epsilon = epsilon
    }
}

/// `x / (bias + α / size · Σ x²)^β`, the sum over `size` neighbouring channels.
public struct LocalResponseNormalization: Sendable {
    public var size: Int
    public var alpha: Float
    public var beta: Float
    public var bias: Float

    public init(size: Int, alpha: Float = 1e-4, beta: Float = 0.75, bias: Float = 1) {
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.bias = bias
    }
}

/// For each axis, which indices of the input the output has.
public struct Selection: Sendable {
    /// One list an axis; −1 stands for ``fill``.
    public var indices: [[Int]]
    public var fill: Float

    public init(indices: [[Int]], fill: Float = 0) {
        self.indices = indices
        self.fill = fill
    }
}
