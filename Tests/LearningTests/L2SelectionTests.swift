import Compute
import Testing

@testable import Learning

struct L2SelectionTests {
    private static func silent() -> ProgressSpan { ProgressSpan(stage: .selectingL2, range: 0...1) { _ in } }

    private static func fit(_ samples: LabelledFeatures, standardizes: Bool = true) throws -> HeadFit {
        HeadFit(
            kind: .logistic(), classWeights: .uniform, standardizes: standardizes, seed: 0,
            data: try ImageVariants(samples, images: samples.labels.count), pool: nil)
    }

    @Test func `On the same folds every strength has scikit-learn's log-loss`() throws {
        let expected = try EvaluationFixture.load().selection
        let samples = try expected.samples()
        let path = RegularizationPath(
            fit: try Self.fit(samples), images: Array(samples.labels.indices), folds: expected.folds)
        var starts: [Classifier] = []
        for (l2, logLoss) in zip(expected.grid, expected.logLosses) {
            let point = try path.point(l2, startingFrom: starts, progress: Self.silent())
            let found = try point.heldOut.totalLogLoss(labels: samples.labels)
            // The tolerance of fits to choose by stops short of the optimum where there is hardly a penalty.
            #expect(abs(found / logLoss - 1) < (l2 < 0.1 ? 2e-2 : 2e-3), "λ = \(l2): \(found), scikit-learn \(logLoss)")
            starts = point.classifiers
        }
    }

    @Test func `The strength chosen is the one that scikit-learn's losses and the prior choose`() throws {
        let expected = try EvaluationFixture.load().selection
        let samples = try expected.samples()
        let grid = L2Grid(totalVariance: Double(expected.features))
        #expect(grid.values == expected.grid)
        let path = RegularizationPath(
            fit: try Self.fit(samples), images: Array(samples.labels.indices), folds: expected.folds)
        #expect(try path.best(of: grid, progress: Self.silent())?.l2 == expected.best)
    }

    @Test func `The usual strength follows the features' scale`() {
        #expect(L2Grid(totalVariance: 1280).usual == 100)
        #expect(L2Grid(totalVariance: 0.5).usual == 0.1)
        #expect(L2Grid(totalVariance: 1280).values == [1e5, 1e4, 1e3, 1e2, 10, 1, 0.1])
        // (log 10 / ½)² / 2
        #expect(abs(L2Grid(totalVariance: 1280).penalty(1000) - 10.6038) < 1e-4)
    }

    @Test func `Features a thousand times smaller, not standardised, choose a millionth of the strength`() throws {
        let expected = try EvaluationFixture.load().selection
        let samples = try expected.samples()
        let small = try LabelledFeatures(
            features: FeatureMatrix(
                expected.x.map { Float($0) / 1000 }, count: expected.y.count, features: expected.features, pool: nil),
            labels: expected.y, classes: samples.classes)
        let images = Array(samples.labels.indices)
        let strengths = try [samples, small].map {
            try L2Selection(
                Self.fit($0, standardizes: false), images: images, fixed: nil, seed: 0, progress: Self.silent()
            ).l2
        }
        #expect(abs(strengths[0] / strengths[1] / 1e6 - 1) < 1e-9)
    }

    @Test func `Where no class has two images the usual strength is taken`() throws {
        let samples = try LabelledFeatures(
            features: FeatureMatrix((0..<3 * 1280).map { Float($0 % 7) }, count: 3, features: 1280, pool: nil),
            labels: [0, 1, 2], classes: ["a", "b", "c"])
        let selection = try L2Selection(
            Self.fit(samples), images: [0, 1, 2], fixed: nil, seed: 0, progress: Self.silent())
        #expect(selection.l2 == 100)
        #expect(selection.heldOut.images.isEmpty)
    }

    @Test(arguments: [nil, 1.0], [true, false])
    func `Beyond some images a subset chooses, and all the same each image has logits`(
        fixed: Double?, isPerceptron: Bool
    ) throws {
        let samples = try EvaluationFixture.load().selection.samples()
        let kind =
            isPerceptron
            ? HeadTraining.Kind.perceptron(PerceptronTraining(hiddenUnits: 4, maximumEpochs: 3)) : .logistic()
        let fit = HeadFit(
            kind: kind, classWeights: .uniform, standardizes: true, seed: 0,
            data: try ImageVariants(samples, images: 90), pool: nil)
        let images = Array(5..<90)
        let selection = try L2Selection(
            fit, images: images, fixed: fixed, seed: 0, largest: 40, progress: Self.silent())
        #expect(selection.heldOut.images.sorted() == images)
        #expect(fixed == nil || selection.l2 == fixed)
        // Not the logits of a head that has seen them.
        #expect(try selection.heldOut.totalLogLoss(labels: samples.labels) > 0.2 * 85)
    }

    @Test func `A subset has images of a small class for every fold`() throws {
        // Of 7 and of 2 images among 200 a tenth would be one or none.
        let labels = (0..<200).map { $0 < 2 ? 2 : $0 < 9 ? 1 : 0 }
        let samples = try LabelledFeatures(
            features: FeatureMatrix(labels.map { Float($0) }, count: 200, features: 1, pool: nil), labels: labels,
            classes: ["a", "b", "c"])
        for seed in 0..<10 as Range<UInt64> {
            let selection = try L2Selection(
                Self.fit(samples), images: Array(0..<200), fixed: nil, seed: seed, largest: 20, progress: Self.silent())
            #expect(selection.heldOut.images.count == 200)
        }
    }
}
