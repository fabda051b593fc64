import Compute

/// Two images that look alike, on both sides of an evaluation's split: the head may have been evaluated on what it was taught.
public struct NearDuplicatePair: Sendable, Equatable {
    /// An image that was evaluated on.
    public let image: Int
    /// One that the evaluated head was fitted to.
    public let other: Int
    /// The cosine of the angle between their features, the mean of all images subtracted.
    public let similarity: Double
    /// Whether they have different labels: one of the two is wrong.
    public let labelsDiffer: Bool

    /// From here on two images are near-duplicates. With EfficientNet-Lite0's features 0.3 % of Fashion-MNIST's images have another
    /// that similar among 10,000 (and none among some hundreds). Of the same image at twice the size, brighter by a tenth or
    /// mirrored, 86 % to 100 % are found, of photos at three quarters of the size 97 %, cropped by 6 % 60 %; strong JPEG
    /// compression changes these features too much. Without subtracting the mean the same was reached at 0.96, but how similar
    /// strangers are then depends on the network.
    public static let threshold = 0.92

    /// Multiplications to spend: about two seconds of two cores. Where all pairs would take more, a random part of the images
    /// that were evaluated on is compared with all others.
    static let budget = 1e11
    private static let chunk = 32

    /// - Parameters:
    ///   - features: of the images as they came.
    ///   - evaluated: images that were evaluated on.
    ///   - groups: of each image; those of one group are not compared.
    /// - Returns: the most similar first.
    static func find(
        _ features: FeatureMatrix, labels: [Int], evaluated: [Int], groups: [Int], limit: Int = 100,
        budget: Double = budget,
        seed: UInt64, pool: ComputePool?, progress: ProgressSpan
    ) throws -> [NearDuplicatePair] {
        let affordable = Int(budget / (Double(features.count) * Double(features.features)))
        var queries = evaluated
        if queries.count > affordable {
            var random = SplitMix64(seed: seed)
            queries = random.permutation(queries.count).prefix(max(affordable, 1)).map { queries[$0] }.sorted()
        }
        let isQuery = queries.reduce(into: [Bool](repeating: false, count: features.count)) { $0[$1] = true }
        let lengths = features.squaredDistancesFromMean(pool: pool).map { $0.squareRoot() }
        var pairs: [NearDuplicatePair] = []
        for first in stride(from: 0, to: queries.count, by: chunk) {
            try progress.report(Double(first) / Double(queries.count))
            let part = queries[first..<min(first + chunk, queries.count)].filter { lengths[$0] > 0 }
            guard !part.isEmpty else { continue }
            let products = try features.products(part, lengths: lengths, pool: pool)
            for other in 0..<features.count where lengths[other] > 0 {
                for (index, image) in part.enumerated() {
                    let similarity = Double(products[other * part.count + index]) / lengths[other]
                    guard similarity >= threshold, groups[image] != groups[other], !(isQuery[other] && other < image)
                    else { continue }
                    pairs.append(
                        NearDuplicatePair(
                            image: image, other: other, similarity: min(similarity, 1),
                            labelsDiffer: labels[image] != labels[other]))
                }
            }
            if pairs.count > 10 * limit { pairs = mostSimilar(pairs, limit) }
        }
        return mostSimilar(pairs, limit)
    }

    private static func mostSimilar(_ pairs: [NearDuplicatePair], _ limit: Int) -> [NearDuplicatePair] {
        let sorted = pairs.sorted { ($1.similarity, $0.image, $0.other) < ($0.similarity, $1.image, $1.other) }
        return Array(sorted.prefix(limit))
    }
}

extension FeatureMatrix {
    /// (x − mean) · (q − mean) / ‖q − mean‖ of every sample x and each of some samples q: `[samples, queries]`.
    fileprivate func products(_ queries: [Int], lengths: [Double], pool: ComputePool?) throws -> [Float] {
        var weights: [Float] = []
        var biases: [Float] = []
        for query in queries {
            var bias = 0.0
            for (value, mean) in zip(row(query), mean) {
                let weight = (Double(value) - mean) / lengths[query]
                weights.append(Float(weight))
                bias -= weight * mean
            }
            biases.append(Float(bias))
        }
        return try matrix.multiply(by: matrix.factor(weights: weights, bias: biases), pool: pool)
    }
}
