#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Probabilities from logits, summed in double precision: `exp(xᵢ − max x) / Σ exp(xⱼ − max x)`, which cannot overflow.
func softmax(_ logits: some Collection<Float>) -> [Float] {
    guard let largest = logits.max() else { return [] }
    let exponentials = logits.map { exp(Double($0 - largest)) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { Float($0 / sum) }
}
