/// An input and the logits that another engine computed for it: proof that a loaded network is the one that was meant.
public struct GoldenVector: Codable, Sendable, Equatable {
    /// How the input is made.
    public var input: Input
    /// What ONNX Runtime answers, rounded to 5 decimals.
    public var logits: [Float]
    /// The largest deviation allowed, times `max(1, |logit|)`.
    public var tolerance: Float

    public struct Input: Codable, Sendable, Equatable {
        public var generator: Generator
        public var seed: UInt64
    }

    public enum Generator: String, NamedChoice, Sendable {
        /// Knuth's 64-bit linear congruential generator (MMIX): `s ← 6364136223846793005·s + 1442695040888963407`,
        /// and from each state the upper 24 bits, `(s >> 40) / 2²³ − 1`, which float32 holds exactly.
        case lcg64
    }

    public init(input: Input, logits: [Float], tolerance: Float) {
        self.input = input
        self.logits = logits
        self.tolerance = tolerance
    }

    /// The input of one image, `[H, W, C]` of `size`, uniform in [−1, 1).
    public func inputTensor(_ size: ModelConfiguration.InputSize) -> [Float] {
        var state = input.seed
        return (0..<size.height * size.width * size.channels).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 23) - 1
        }
    }

    /// Throws where the network's answer to ``inputTensor(_:)`` is not what it should be.
    ///
    /// - Parameter rounding: what the arithmetic allows of the largest logit, where that is more than ``tolerance``.
    public func check(_ found: [Float], rounding: Float = 0) throws(GoldenVectorError) {
        guard found.count == logits.count else { throw .count(expected: logits.count, found: found.count) }
        let rounded = rounding * (logits.map(\.magnitude).max() ?? 0)
        func allowed(_ expected: Float) -> Float { max(tolerance * max(1, abs(expected)), rounded) }
        // The worst, not the first: it says most about what is wrong. NaN compares false, so it must be asked for.
        var worst: (index: Int, excess: Float)?
        for (index, (expected, found)) in zip(logits, found).enumerated() {
            let excess = abs(found - expected) / allowed(expected)
            let rank = excess.isNaN ? Float.infinity : excess
            if rank > max(1, worst?.excess ?? 1) { worst = (index, rank) }
        }
        guard let (index, _) = worst else { return }
        throw .logit(index: index, expected: logits[index], found: found[index], allowed: allowed(logits[index]))
    }

    /// The first field whose value makes no sense.
    var contradiction: (field: String, expected: String, found: String)? {
        if logits.isEmpty || !logits.allSatisfy(\.isFinite) { return ("logits", "finite numbers", "others or none") }
        if !(tolerance > 0 && tolerance < 1) { return ("tolerance", "between 0 and 1", "\(tolerance)") }
        return nil
    }
}

/// How a network's answer differs from its golden vector.
public enum GoldenVectorError: Error, Equatable, CustomStringConvertible {
    case count(expected: Int, found: Int)
    case logit(index: Int, expected: Float, found: Float, allowed: Float)

    public var description: String {
        switch self {
        case .count(let expected, let found):
            "golden vector: expected \(expected) logits, found \(found)"
        case .logit(let index, let expected, let found, let allowed):
            "golden vector: logit \(index) should be \(expected), found \(found): \(abs(found - expected)) apart, "
                + "\(allowed) allowed. The weights or the network are not the ones that "
                + "the vector was made with"
        }
    }
}
