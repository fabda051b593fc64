import Foundation

/// Strengths λ of the penalty to choose from, powers of ten, and how likely each is before any image was seen.
struct L2Grid: Equatable {
    /// The power of ten that is nearest to a tenth of the features' total variance: with it logits have a variance of about ten
    /// before any image is seen. 100 for 1,280 standardised features, where embeddings of 20 to 1,000 images have their optimum.
    let usual: Double

    /// - Parameter totalVariance: Σ over the features of their variance, as the penalty sees them: of standardised ones, their
    ///   number.
    init(totalVariance: Double) {
        let exponent = log10(max(totalVariance, 1e-30) / 10).rounded()
        usual = Self.powerOfTen(exponent)
    }

    /// Strong to weak: each fit starts from the one before, and weak penalties, whose fits are long, are seldom reached.
    var values: [Double] { stride(from: 3.0, through: -3, by: -1).map { usual * Self.powerOfTen($0) } }

    /// −log of the prior, in nats: normal in log λ with a standard deviation of ½. A strength that is ten times the usual one
    /// must save 10.6 nats of held-out log-loss in all. Cross-validation of few images is noisy: for 2 × 10 images of Fashion-MNIST
    /// new images' log-loss was 0.59 with it and 0.65 without (24 draws); hundreds of images outweigh it.
    func penalty(_ l2: Double) -> Double {
        let distance = log(l2 / usual) / 0.5
        return distance * distance / 2
    }

    /// Exact where doubles are: 1000, not 999.9999999999999.
    private static func powerOfTen(_ exponent: Double) -> Double {
        exponent < 0 ? 1 / pow(10, -exponent) : pow(10, exponent)
    }
}
