/// What a layer is given: the outcome of another, or what stands in the configuration itself.
enum KerasArgument<Outcome> {
    case value(Outcome)
    /// A number, or an array of `rank` axes of which all but the last have extent 1.
    case constant([Float], rank: Int)
    /// Of an index: `x[..., 0]`.
    case ellipsis
}
