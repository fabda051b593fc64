import Compute
import Testing

@testable import Learning

struct HeadTrainingTests {
    /// Images around one centre a class; `noise` is the spread, in distances between centres.
    private static func samples(
        _ counts: [Int], features: Int = 6, noise: Double, variants: Int = 1, seed: UInt64 = 1, pool: ComputePool? = nil
    ) throws -> LabelledFeatures {
        var random = SplitMix64(seed: seed)
        func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + random.uniform() } }
        let centres = counts.map { _ in (0..<features).map { _ in normal() } }
        let sorted = counts.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
        let labels = random.permutation(sorted.count).map { sorted[$0] }
        let images = labels.map { label in centres[label].map { Float($0 + noise * normal()) } }
        let values = (0..<variants).flatMap { _ in images.flatMap { $0 } }
        return try LabelledFeatures(
            features: FeatureMatrix(values, count: labels.count * variants, features: features, pool: pool),
            labels: (0..<variants).flatMap { _ in labels }, classes: counts.indices.map { "class \($0)" })
    }

    @Test func `Enough images are held out once, fewer by folds, and all by folds where no part is asked for`() throws {
        let many = try Self.samples([300, 240], noise: 1)
        #expect(try HeadTraining(l2: 1).run(many, images: 540, pool: nil).evaluation.method == .holdOut)
        let all = try HeadTraining(l2: 1, validation: 0).run(many, images: 540, pool: nil).evaluation
        #expect(all.method == .crossValidation(folds: 5))
        #expect(all.validationImages == 540)
        #expect(all.trainingImages == 432)
        // 98 images, or too few of one class.
        for counts in [[300, 190], [600, 20]] {
            let few = try HeadTraining(l2: 1).run(
                Self.samples(counts, noise: 1), images: counts.reduce(0, +), pool: nil)
            #expect(few.evaluation.method == .crossValidation(folds: 5))
        }
    }

    @Test func `Labels that say nothing are foretold no better than by chance`() throws {
        // 80 features fit any labels of 60 images: a head that had seen them would be right about nearly all.
        let random = try Self.samples([30, 30], features: 1, noise: 0, seed: 3)
        var numbers = SplitMix64(seed: 11)
        let features = try FeatureMatrix(
            (0..<60 * 80).map { _ in Float(numbers.uniform()) }, count: 60, features: 80, pool: nil)
        let samples = try LabelledFeatures(features: features, labels: random.labels, classes: random.classes)
        let head = try HeadTraining().run(samples, images: 60, pool: nil)
        #expect(abs(head.evaluation.metrics.accuracy - 0.5) < 0.2, "\(head.evaluation.metrics.accuracy)")
        #expect(head.evaluation.metrics.logLoss > 0.6)
        let fitted = try ClassificationMetrics(
            probabilities: head.classifier.logits(features, pool: nil).softmax(), labels: samples.labels)
        #expect(fitted.accuracy > 0.85, "\(fitted.accuracy)")
    }

    @Test(arguments: [[30, 30], [300, 300]])
    func `Variants stay on their image's side of a split`(counts: [Int]) throws {
        // Every image comes three times: a head that had seen another variant of a held-out image would know it.
        let (images, features) = (counts.reduce(0, +), 80)
        let labels = try Self.samples(counts, features: 1, noise: 0, seed: 5).labels
        var numbers = SplitMix64(seed: 12)
        let values = (0..<images * features).map { _ in Float(numbers.uniform()) }
        let samples = try LabelledFeatures(
            features: FeatureMatrix(values + values + values, count: 3 * images, features: features, pool: nil),
            labels: labels + labels + labels, classes: ["a", "b"])
        let head = try HeadTraining(l2: 1e-3).run(samples, images: images, pool: nil)
        #expect(abs(head.evaluation.metrics.accuracy - 0.5) < 0.2, "\(head.evaluation.metrics.accuracy)")
        #expect(head.evaluation.metrics.perClass.map(\.support).reduce(0, +) == head.evaluation.validationImages)
        #expect(head.evaluation.validationImages == (images == 60 ? 60 : 120))
        #expect(head.nearDuplicates.allSatisfy { $0.image < images && $0.other < images })
    }

    @Test func `The head is the regression's on all images at the strength chosen, divided by the temperature`() throws
    {
        let samples = try Self.samples([300, 240, 60], noise: 1.5)
        let head = try HeadTraining().run(samples, images: 600, pool: nil)
        #expect(head.l2WasChosen)
        let (expected, report) = try LogisticRegression(l2: head.l2, standardizes: true).fit(samples, pool: nil)
        #expect(head.report == report)
        guard case .logistic(let found) = head.classifier else { return #expect(Bool(false), "not linear") }
        let weights = expected.weights.map { Double($0) / head.temperature }
        #expect(largestDifference(found.weights.map(Double.init), weights) < 1e-5)
    }

    @Test func `The learning curve grows to the evaluated head`() throws {
        let head = try HeadTraining(l2: 1).run(Self.samples([300, 240], noise: 1.5), images: 540, pool: nil)
        let curve = head.evaluation.learningCurve
        #expect(curve.map(\.images) == [43, 108, 216, 432])
        #expect(curve.last?.accuracy == head.evaluation.metrics.accuracy)
        #expect(curve.last?.logLoss == head.evaluation.uncalibrated.logLoss)
        let few = try HeadTraining(l2: 1).run(Self.samples([3, 3], noise: 0.2), images: 6, pool: nil)
        #expect(few.evaluation.learningCurve.map(\.images) == [2, 4])
    }

    @Test(arguments: [[40, 40, 30], [300, 250, 200]])
    func `Wrong labels and images on both sides of the split are found by their indices`(counts: [Int]) throws {
        let clean = try Self.samples(counts, noise: 0.25)
        let count = clean.labels.count
        var rows = (0..<count).map { clean.features.row($0) }
        var labels = clean.labels
        let wrong = [7, count / 2, count - 3]
        for image in wrong { labels[image] = (labels[image] + 1) % 3 }
        rows[20] = rows[10]
        labels[20] = labels[10]
        let samples = try LabelledFeatures(
            features: FeatureMatrix(rows.flatMap { $0 }, count: count, features: 6, pool: nil), labels: labels,
            classes: clean.classes)
        var pairs = Set<[Int]>()
        for seed in 0..<4 as Range<UInt64> {
            let head = try HeadTraining(seed: seed).run(samples, images: count, pool: nil)
            #expect(head.suspects.map(\.image).sorted() == wrong)
            for suspect in head.suspects {
                #expect(suspect.label == labels[suspect.image])
                #expect(suspect.suggestion == clean.labels[suspect.image])
            }
            pairs.formUnion(
                head.nearDuplicates.filter { $0.similarity > 0.99999 }.map { [$0.image, $0.other].sorted() })
        }
        // Whatever side they fell on.
        #expect(pairs.contains([10, 20]))
    }

    @Test func `Classes of one and two images are evaluated as far as they can be`() throws {
        let head = try HeadTraining(noveltyMethod: .energy).run(
            Self.samples([12, 1, 2], noise: 0.3), images: 15, pool: nil)
        #expect(head.evaluation.metrics.perClass.map(\.support) == [12, 0, 2])
        #expect(head.evaluation.validationImages == 14)
        let pairs = try HeadTraining().run(Self.samples([2, 2], noise: 0.1), images: 4, pool: nil)
        #expect(pairs.evaluation.method == .crossValidation(folds: 2))
        #expect(pairs.evaluation.validationImages == 4)
    }

    @Test func `One image of each class is refused`() throws {
        #expect(
            throws: LearningError.tooFewSamples(what: "an evaluation: at least one class", expected: 2, found: 1)
        ) { try HeadTraining().run(Self.samples([1, 1, 1], noise: 1), images: 3, pool: nil) }
    }

    @Test func `Settings and samples that do not fit are refused`() throws {
        let samples = try Self.samples([4, 4], noise: 1)
        for validation in [-0.1, 1, .nan] {
            #expect(throws: LearningError.self) {
                try HeadTraining(validation: validation).run(samples, images: 8, pool: nil)
            }
        }
        for l2 in [-1, .infinity, .nan] {
            #expect(throws: LearningError.self) { try HeadTraining(l2: l2).run(samples, images: 8, pool: nil) }
        }
        #expect(
            throws: LearningError.sizeMismatch(what: "rows of whole variants of the images", expected: 10, found: 8)
        ) {
            try HeadTraining().run(samples, images: 5, pool: nil)
        }
        for images in [0, -1, 9] {
            #expect(throws: LearningError.self) { try HeadTraining().run(samples, images: images, pool: nil) }
        }
        #expect(throws: LearningError.self) { try HeadTraining().run(samples, images: 4, pool: nil) }
    }
}
