import Compute
import Testing

@testable import Learning

struct NoveltyDetectorTests {
    @Test func `Mahalanobis's distances are those of NumPy's covariance matrix`() throws {
        for expected in try NoveltyFixture.load().distances {
            let detector = try NoveltyDetector.fit(.mahalanobis, expected.samples(), pool: nil)
            let scores = try detector.scores(expected.others.map(Float.init), pool: nil)
            for (score, distance) in zip(scores, expected.mahalanobis) {
                let found = Double(score * detector.threshold)
                #expect(abs(found / distance - 1) < 2e-3, "\(expected.features) features: \(found) \(distance)")
            }
        }
    }

    @Test func `Neighbours' distances are scikit-learn's`() throws {
        for expected in try NoveltyFixture.load().distances {
            let detector = try NoveltyDetector.fit(.nearestNeighbour, expected.samples(), pool: nil)
            let scores = try detector.scores(expected.others.map(Float.init), pool: nil)
            #expect(detector.tensors["neighbour"]?.values == [Float(expected.neighbour)])
            let found = scores.map { Double($0 * detector.threshold) }
            #expect(largestDifference(found, expected.nearestNeighbour) < 1e-5)
        }
    }

    @Test func `The energy is the logits' log-sum-exp, its threshold the conformal quantile`() throws {
        // 39 samples of the logits (s, 0): the energy falls as s grows. ⌈40 · 0.95⌉ = 38th smallest, of s = 2.
        let samples = try samples(perClass: [20, 19], features: 1) { _, _ in [1] }
        let logits = try ClassScores((1...39).flatMap { [Float($0), 0] }, classes: 2)
        let detector = try NoveltyDetector.fit(.energy, samples, logits: logits, pool: nil)
        #expect(abs(Double(detector.threshold) + 2.126928011) < 1e-6)  // −log(e² + 1)
        let scores = try detector.scores([1, 1, 1], logits: ClassScores([2, 0, 1, 0, 1000, 0], classes: 2), pool: nil)
        #expect(abs(scores[0] - 1) < 1e-6)
        #expect(abs(Double(scores[1]) - 8.389056099 / 3.718281828) < 1e-5)  // (e² + 1) / (e + 1)
        #expect(scores[2] == 0)
        let half = try NoveltyDetector.fit(.energy, samples, logits: logits, truePositiveRate: 0.5, pool: nil)
        #expect(abs(half.threshold + 20) < 1e-6)
    }

    @Test func `Samples of other classes are novel, new ones of the taught classes are not`() throws {
        // More features than samples: distances of the samples that were fitted on would be far too small.
        var random = SplitMix64(seed: 8)
        func sample(_ label: Int) -> [Float] {
            (0..<60).map { feature in Float((feature % 6 == label ? 1.5 : 0.5) + random.uniform()) }
        }
        let taught = try samples(perClass: [40, 30, 20], features: 60) { label, _ in sample(label) }
        let known = (0..<300).map { sample($0 % 3) }
        let novel = (0..<300).map { sample(3 + $0 % 3) }
        for method in [NoveltyDetector.Method.mahalanobis, .nearestNeighbour] {
            let detector = try NoveltyDetector.fit(method, taught, pool: nil)
            let knownScores = try detector.scores(known.flatMap(\.self), pool: nil)
            let novelScores = try detector.scores(novel.flatMap(\.self), pool: nil)
            #expect(RankingMetrics.areaUnderROC(positives: novelScores, negatives: knownScores) > 0.99, "\(method)")
            let rate = Double(knownScores.count { $0 <= 1 }) / 300
            #expect((0.9...0.995).contains(rate), "\(method) \(rate)")
            #expect(novelScores.count { $0 > 1 } > 280)
        }
    }

    @Test func `Two samples a class are enough; with fewer there is no threshold`() throws {
        let corners: [[Float]] = [[10, 1, 0, 0], [0, 0, 1, 10]]
        for method in [NoveltyDetector.Method.mahalanobis, .nearestNeighbour] {
            let few = try samples(perClass: [2, 2], features: 4) { label, index in
                corners[label].map { $0 + Float(index) }
            }
            let detector = try NoveltyDetector.fit(method, few, pool: nil)
            let scores = try detector.scores([10, 1.5, 0.5, 0.5, 0, 10, 0, 0], pool: nil)
            #expect(scores.map { $0 > 1 } == [false, true], "\(method) \(scores)")
            for counts in [[1, 1], [2, 1], [1, 1, 2]] {
                let fewer = try samples(perClass: counts, features: 4) { label, _ in corners[label % 2] }
                let error = LearningError.tooFewSamples(
                    what: "a novelty threshold of \(counts.count) classes", expected: counts.count + 2,
                    found: fewer.labels.count)
                #expect(throws: error) { try NoveltyDetector.fit(method, fewer, pool: nil) }
            }
        }
    }

    @Test func `Samples that are all the same know themselves`() throws {
        let corners: [[Float]] = [[3, 1, 0], [0, 1, 7]]
        for method in [NoveltyDetector.Method.mahalanobis, .nearestNeighbour] {
            let same = try samples(perClass: [5, 5], features: 3) { label, _ in corners[label] }
            let detector = try NoveltyDetector.fit(method, same, pool: nil)
            let scores = try detector.scores(corners[0] + corners[1] + [0, 1, 0] + [0, 0, 0], pool: nil)
            #expect(scores.map { $0 > 1 } == [false, false, true, true], "\(method) \(scores)")
        }
    }

    @Test func `What is not finite is novel`() throws {
        let fixture = try NoveltyFixture.load().distances[0]
        for method in [NoveltyDetector.Method.mahalanobis, .nearestNeighbour] {
            let detector = try NoveltyDetector.fit(method, fixture.samples(), pool: nil)
            for value in [Float.nan, .infinity, -.infinity] {
                let scores = try detector.scores([1, 2, 3, 4, 5, 6, 7, value], pool: nil)
                #expect(scores == [.greatestFiniteMagnitude])
            }
            let huge = try detector.scores([Float](repeating: .greatestFiniteMagnitude, count: 8), pool: nil)
            #expect(huge.allSatisfy { $0.isFinite })
        }
        let energy = try NoveltyDetector(method: .energy, threshold: -3, tensors: [:], features: 1)
        let scores = try energy.scores([1, 1], logits: ClassScores([.nan, 1, -1000, -1000], classes: 2), pool: nil)
        #expect(scores == [.greatestFiniteMagnitude, .greatestFiniteMagnitude])
    }

    @Test func `Alone, in a batch, with any number of threads: the same bits`() throws {
        let fixture = try NoveltyFixture.load().distances[3]
        let others = fixture.others.map(Float.init)
        for method in [NoveltyDetector.Method.mahalanobis, .nearestNeighbour] {
            let expected = try NoveltyDetector.fit(method, fixture.samples(), seed: 7, pool: nil)
            let scores = try expected.scores(others, pool: nil)
            for threads in [2, 5] {
                let pool = ComputePool(threads: threads)
                let detector = try NoveltyDetector.fit(method, fixture.samples(), seed: 7, pool: pool)
                #expect(detector.threshold == expected.threshold)
                #expect(try detector.scores(others, pool: pool) == scores)
            }
            let alone = try stride(from: 0, to: others.count, by: 40).flatMap {
                try expected.scores(Array(others[$0..<$0 + 40]), pool: nil)
            }
            #expect(alone == scores)
        }
    }

    @Test func `What is stored does not grow with the samples`() throws {
        var random = SplitMix64(seed: 2)
        func detector(_ method: NoveltyDetector.Method, perClass counts: [Int]) throws -> NoveltyDetector {
            let samples = try samples(perClass: counts, features: 3) { _, _ in
                (0..<3).map { _ in Float(random.uniform()) }
            }
            return try NoveltyDetector.fit(method, samples, pool: nil)
        }
        let neighbours = try detector(.nearestNeighbour, perClass: [700, 400, 20])
        let shape = try #require(neighbours.tensors["samples"]?.shape)
        #expect(abs(shape[0] - 1000) < 3 && shape[1] == 3)
        let mahalanobis = try detector(.mahalanobis, perClass: [1800, 1400, 20])
        #expect(
            mahalanobis.tensors.mapValues(\.shape) == [
                "means": [3, 3], "directions": [2, 3], "variances": [2], "residual_variance": [1],
            ])
    }

    @Test func `Settings and logits out of range are refused`() throws {
        let samples = try NoveltyFixture.load().distances[0].samples()
        for rate in [0, 1, -1, Double.nan] {
            #expect(throws: LearningError.self) {
                try NoveltyDetector.fit(.mahalanobis, samples, truePositiveRate: rate, pool: nil)
            }
        }
        #expect(throws: LearningError.sizeMismatch(what: "samples with logits", expected: 90, found: 0)) {
            try NoveltyDetector.fit(.energy, samples, pool: nil)
        }
        let logits = try ClassScores([Float](repeating: .nan, count: 270), classes: 3)
        #expect(throws: LearningError.notFinite(sample: 0)) {
            try NoveltyDetector.fit(.energy, samples, logits: logits, pool: nil)
        }
        let detector = try NoveltyDetector.fit(.mahalanobis, samples, pool: nil)
        #expect(throws: LearningError.self) { try detector.scores([1, 2, 3], pool: nil) }
        #expect(try detector.scores([], pool: nil).isEmpty)
    }

    /// Labels 0, 1, … in turn as long as the classes' counts last.
    private func samples(
        perClass counts: [Int], features: Int, _ sample: (_ label: Int, _ index: Int) -> [Float]
    ) throws -> LabelledFeatures {
        let labels = counts.indices.flatMap { Array(repeating: $0, count: counts[$0]) }
        let values = counts.indices.flatMap { label in (0..<counts[label]).flatMap { sample(label, $0) } }
        return try LabelledFeatures(
            features: FeatureMatrix(values, count: labels.count, features: features, pool: nil), labels: labels,
            classes: counts.indices.map { "class \($0)" })
    }
}
