/// What a reduction makes of the elements that become one.
public enum Reduction: String, Sendable {
    case mean, sum, maximum, minimum, product
    /// The sum of the squares.
    case squareSum
}
