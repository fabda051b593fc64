import Learning
import Testing

struct RankingMetricsTests {
    @Test func `The area under the ROC is scikit-learn's, with equal scores too`() throws {
        for ranking in try NoveltyFixture.load().rankings {
            let area = RankingMetrics.areaUnderROC(positives: ranking.positives, negatives: ranking.negatives)
            #expect(abs(area - ranking.area) < 1e-12, "\(area) \(ranking.area)")
        }
    }

    @Test func `Perfect, reversed and useless scores`() {
        #expect(RankingMetrics.areaUnderROC(positives: [3, .infinity], negatives: [1, -.infinity]) == 1)
        #expect(RankingMetrics.areaUnderROC(positives: [1, 2], negatives: [3, 4]) == 0)
        #expect(RankingMetrics.areaUnderROC(positives: [1, 1], negatives: [1, 1, 1]) == 0.5)
    }

    @Test func `Without positives, negatives or an order there is none`() {
        #expect(RankingMetrics.areaUnderROC(positives: [], negatives: [1]).isNaN)
        #expect(RankingMetrics.areaUnderROC(positives: [1], negatives: []).isNaN)
        #expect(RankingMetrics.areaUnderROC(positives: [1, .nan], negatives: [0]).isNaN)
        #expect(RankingMetrics.areaUnderROC(positives: [1], negatives: [.nan]).isNaN)
    }
}
