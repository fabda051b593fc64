/// How well a score ranks one kind of sample above another.
public enum RankingMetrics {
    /// The area under the receiver operating characteristic: the probability that a positive's score is above a negative's,
    /// where equal scores count half. Mann and Whitney's U / (positives · negatives); Fawcett, "An introduction to ROC
    /// analysis", 2006.
    ///
    /// 1 where every positive is above every negative, ½ for a score that says nothing; NaN where there are no positives, no
    /// negatives, or a score is NaN.
    public static func areaUnderROC(positives: [Float], negatives: [Float]) -> Double {
        guard !positives.isEmpty, !negatives.isEmpty, !positives.contains(where: \.isNaN),
            !negatives.contains(where: \.isNaN)
        else { return .nan }
        let negatives = negatives.sorted()
        var below = 0
        var notAbove = 0
        var halves = 0
        for positive in positives.sorted() {
            while below < negatives.count, negatives[below] < positive { below += 1 }
            while notAbove < negatives.count, negatives[notAbove] <= positive { notAbove += 1 }
            halves += below + notAbove
        }
        return Double(halves) / 2 / (Double(positives.count) * Double(negatives.count))
    }
}
