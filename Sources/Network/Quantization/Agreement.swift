/// How far a network answers as another one does.
public struct Agreement: Sendable {
    public private(set) var images = 0
    private var same = 0
    private var cosines = 0.0
    /// The least cosine of two vectors of features for one image.
    public private(set) var leastCosine = 1.0

    public init() {}

    /// For one image: of both networks the answer, and the features that the last layer reads.
    public mutating func add(answer: [Float], expected: [Float], features: [Float], expectedFeatures: [Float]) {
        images += 1
        if answer.indices.max(by: { answer[$0] < answer[$1] })
            == expected.indices.max(by: { expected[$0] < expected[$1] })
        {
            same += 1
        }
        let cosine = Self.cosine(features, expectedFeatures)
        cosines += cosine
        leastCosine = min(leastCosine, cosine)
    }

    /// The part of the images whose likeliest class is the same.
    public var top1: Double { images == 0 ? 1 : Double(same) / Double(images) }

    /// The mean cosine of the features.
    public var meanCosine: Double { images == 0 ? 1 : cosines / Double(images) }

    /// 1 for two vectors of zeros, 0 for one.
    private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
        var (product, first, second) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            product += Double(x) * Double(y)
            first += Double(x) * Double(x)
            second += Double(y) * Double(y)
        }
        if first == 0 || second == 0 { return first == second ? 1 : 0 }
        return product / (first.squareRoot() * second.squareRoot())
    }
}
