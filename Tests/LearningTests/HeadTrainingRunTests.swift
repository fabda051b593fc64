import Compute
import Testing

@testable import Learning

/// How a training runs: threads, seeds, progress, cancelling.
struct HeadTrainingRunTests {
    private static func samples(_ count: Int, pool: ComputePool? = nil) throws -> LabelledFeatures {
        var random = SplitMix64(seed: 6)
        let labels = (0..<count).map { $0 * 7 % 3 }
        let values = labels.flatMap { label in (0..<7).map { Float(random.uniform()) + ($0 == label ? 0.5 : 0) } }
        return try LabelledFeatures(
            features: FeatureMatrix(values, count: count, features: 7, pool: pool), labels: labels,
            classes: ["a", "b", "c"])
    }

    private static let kinds: [HeadTraining.Kind] = [
        .logistic(), .logistic(solver: .gradientDescent(stepSize: 0.5, iterations: 30)),
        .perceptron(PerceptronTraining(hiddenUnits: 5, maximumEpochs: 4)),
    ]

    @Test(arguments: 0..<3, [60, 540])
    func `Any number of threads gives the same bits`(kind: Int, images: Int) throws {
        let heads = try [nil, ComputePool(threads: 1), ComputePool(threads: 2), ComputePool(threads: 5)].map { pool in
            let training = HeadTraining(kind: Self.kinds[kind], seed: 4, noveltyMethod: .mahalanobis)
            return try training.run(Self.samples(images, pool: pool), images: images, pool: pool)
        }
        let values = (0..<70).map { Float($0 % 11) / 11 }
        let logits = try heads.map { try $0.classifier.logits(values, pool: nil) }
        for (head, scores) in zip(heads, logits).dropFirst() {
            #expect(scores == logits[0])
            #expect(head.temperature == heads[0].temperature)
            #expect(head.l2 == heads[0].l2)
            #expect(head.report == heads[0].report)
            #expect(head.evaluation == heads[0].evaluation)
            #expect(head.suspects == heads[0].suspects)
            #expect(head.nearDuplicates == heads[0].nearDuplicates)
            #expect(head.novelty?.threshold == heads[0].novelty?.threshold)
        }
    }

    @Test func `Another seed splits otherwise`() throws {
        let heads = try [0, 1].map { try HeadTraining(seed: $0).run(Self.samples(90), images: 90, pool: nil) }
        #expect(heads[0].evaluation != heads[1].evaluation)
    }

    @Test(arguments: 0..<3, [60, 540])
    func `Progress rises from near 0 to 1, through the stages in order`(kind: Int, images: Int) throws {
        var progress: [TrainingProgress] = []
        let training = HeadTraining(kind: Self.kinds[kind], noveltyMethod: .energy)
        let head = try training.run(Self.samples(images), images: images, pool: nil) { progress.append($0) }
        #expect(progress[0].fraction < 0.05)
        #expect(progress.last?.fraction == 1)
        #expect(zip(progress, progress.dropFirst()).allSatisfy { $0.fraction <= $1.fraction })
        let stages = progress.map(\.stage).reduce(into: [TrainingProgress.Stage]()) {
            if $0.last != $1 { $0.append($1) }
        }
        // A perceptron's strength is not chosen.
        let before: [TrainingProgress.Stage] =
            kind == 2 ? [.evaluating] : images == 60 ? [.evaluating, .selectingL2] : [.selectingL2, .evaluating]
        #expect(stages == before + [.fitting, .fittingNovelty, .inspecting])
        #expect(progress.allSatisfy { $0.loss == nil || $0.stage == .fitting })
        if kind < 2 { #expect(progress.compactMap(\.loss) == head.report.losses) }
    }

    @Test func `What the observer throws ends the training wherever it is`() throws {
        let samples = try Self.samples(60)
        var calls = 0
        _ = try HeadTraining().run(samples, images: 60, pool: nil) { _ in calls += 1 }
        for end in [1, 2, calls / 3, calls / 2, calls - 1, calls] {
            var found = 0
            #expect(throws: CancellationError.self) {
                try HeadTraining().run(samples, images: 60, pool: nil) { _ in
                    found += 1
                    if found == end { throw CancellationError() }
                }
            }
            #expect(found == end)
        }
    }

    @Test(arguments: [NoveltyDetector.Method.mahalanobis, .nearestNeighbour])
    func `The training ends between two fits of the novelty's distance`(method: NoveltyDetector.Method) throws {
        let samples = try Self.samples(60)
        let training = HeadTraining(l2: 1, noveltyMethod: method)
        var parts: [Double] = []
        _ = try NoveltyDetector.fit(method, samples, pool: nil) { parts.append($0) }
        // Ten folds.
        #expect(parts.count == 10 && parts == parts.sorted() && parts.allSatisfy { 0 < $0 && $0 < 1 }, "\(parts)")
        var calls = 0
        #expect(throws: CancellationError.self) {
            try training.run(samples, images: 60, pool: nil) { progress in
                if progress.stage == .fittingNovelty { calls += 1 }
                if calls == 6 { throw CancellationError() }
            }
        }
        #expect(calls == 6)
    }

    @Test func `A strength that is given is taken`() throws {
        let head = try HeadTraining(l2: 3).run(Self.samples(60), images: 60, pool: nil)
        #expect(head.l2 == 3)
        #expect(!head.l2WasChosen)
        let training = PerceptronTraining(hiddenUnits: 4, maximumEpochs: 2, l2: 7)
        let perceptron = try HeadTraining(kind: .perceptron(training)).run(Self.samples(60), images: 60, pool: nil)
        #expect(perceptron.l2 == 7)
        #expect(!perceptron.l2WasChosen)
    }
}
