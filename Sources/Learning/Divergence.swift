/// Which setting made a fit diverge.
public enum Divergence: Sendable, Equatable, CustomStringConvertible {
    /// Of gradient descent.
    case stepSize(Double)
    /// Of a perceptron.
    case learningRate(Double)
    /// The penalty itself is beyond float32's range.
    case penaltyTooStrong(l2: Double)
    /// So weak a penalty that weights or logits grew beyond float32's range.
    case penaltyTooWeak(l2: Double)

    /// Names settings as options of a job are called.
    public var description: String {
        switch self {
        case .stepSize(let value):
            "gradient descent diverged with step_size=\(value); try a smaller one, or leave it out"
        case .learningRate(let value): "the training diverged with learning_rate=\(value); try a smaller one"
        case .penaltyTooStrong(let value): "the training diverged with l2=\(value); try a smaller one"
        case .penaltyTooWeak(let value):
            "the weights grew beyond float32's range with l2=\(value); try a larger one, or standardize=true"
        }
    }
}
