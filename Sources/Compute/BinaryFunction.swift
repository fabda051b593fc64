/// A function of two numbers, applied to pairs of elements of two arrays.
public enum BinaryFunction: String, Sendable, CaseIterable {
    case add, subtract, multiply, divide, power, maximum, minimum
    /// `a < 0 ? a·b : a`: a ReLU whose slope is learned (He et al. 2015).
    case prelu
}
