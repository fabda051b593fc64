import Compute
import Foundation
import Learning

/// Prints how well each method tells the classes it was taught from the others: taught five of ten classes, for 36 choices
/// of five and several numbers of images a class.
@main
struct Novelty {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 6, let features = Int(arguments[5]) else {
            print("usage: novelty TRAIN.float32 TRAIN-LABELS.int32 TEST.float32 TEST-LABELS.int32 FEATURE-COUNT")
            exit(2)
        }
        let train = try Samples(arguments[1], labels: arguments[2], features: features)
        let test = try Samples(arguments[3], labels: arguments[4], features: features)
        print(
            """
            | images a class | method | area under the ROC: mean | least | at least 0.85 | known below the threshold: mean | least | \
            novel above it | fit, ms | score of one image, µs |
            | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            """)
        for size in [2, 5, 10, 20, 100, Int.max] {
            for method in NoveltyDetector.Method.allCases {
                let trials = try choices.enumerated().map { index, choice in
                    try Trial(method, choice, size: size, seed: UInt64(index), train, test)
                }
                func mean(_ value: (Trial) -> Double) -> Double {
                    trials.reduce(0) { $0 + value($1) } / Double(trials.count)
                }
                func least(_ value: (Trial) -> Double) -> Double { trials.map(value).reduce(.infinity, min) }
                let numbers = [
                    mean(\.area), least(\.area), mean { $0.area >= 0.85 ? 1 : 0 }, mean(\.known), least(\.known),
                    mean(\.novel), mean(\.fitting) * 1e3, mean(\.scoring) * 1e6,
                ]
                let columns = numbers.map { String(format: $0 > 2 ? "%.0f" : "%.3f", $0) }
                print(
                    "| \(size == .max ? "all" : "\(size)") | \(method.rawValue) | \(columns.joined(separator: " | ")) |"
                )
            }
        }
    }

    /// Every seventh of the 252.
    private static let choices: [[Int]] = {
        let all = (0..<1 << 10).filter { $0.nonzeroBitCount == 5 }
        return stride(from: 0, to: all.count, by: 7).map { index in (0..<10).filter { all[index] >> $0 & 1 == 1 } }
    }()
}

/// `[count, features]` and the label of each.
struct Samples {
    let values: [Float]
    let labels: [Int]
    let features: Int

    init(_ path: String, labels: String, features: Int) throws {
        values = try Self.numbers(path)
        self.labels = (try Self.numbers(labels) as [Int32]).map(Int.init)
        self.features = features
    }

    func rows(_ samples: [Int]) -> [Float] {
        samples.flatMap { values[$0 * features..<($0 + 1) * features] }
    }

    private static func numbers<Number: BitwiseCopyable>(_ path: String) throws -> [Number] {
        let data = try Data(contentsOf: URL(filePath: path))
        return data.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: MemoryLayout<Number>.stride).map {
                bytes.loadUnaligned(fromByteOffset: $0, as: Number.self)
            }
        }
    }
}

/// One detector of one choice of classes.
struct Trial {
    let area: Double
    /// The part of known test images that the threshold takes for known.
    let known: Double
    /// The part of novel test images that it takes for novel.
    let novel: Double
    /// Seconds.
    let fitting: Double
    let scoring: Double

    init(
        _ method: NoveltyDetector.Method, _ classes: [Int], size: Int, seed: UInt64, _ train: Samples, _ test: Samples
    ) throws {
        let pool = ComputePool.shared
        var random = SplitMix64(seed: seed)
        let order = train.labels.indices.map { ($0, random.next()) }.sorted { $0.1 < $1.1 }.map(\.0)
        let chosen = classes.flatMap { label in order.filter { train.labels[$0] == label }.prefix(size) }
        let samples = try LabelledFeatures(
            features: FeatureMatrix(train.rows(chosen), count: chosen.count, features: train.features, pool: pool),
            labels: chosen.compactMap { classes.firstIndex(of: train.labels[$0]) }, classes: classes.map(String.init))
        let regression = LogisticRegression(standardizes: true)
        let head = method == .energy ? try regression.fit(samples, pool: pool).head : nil
        let heldOut = method == .energy ? try Self.heldOutLogits(samples, regression, pool) : nil
        let start = ContinuousClock.now
        let detector = try NoveltyDetector.fit(method, samples, logits: heldOut, seed: seed, pool: pool)
        fitting = (.now - start) / .seconds(1)

        let values = test.values
        let scores = try detector.scores(values, logits: head?.logits(values, pool: pool), pool: pool)
        let isKnown = test.labels.map(classes.contains)
        let known = scores.indices.filter { isKnown[$0] }.map { scores[$0] }
        let novel = scores.indices.filter { !isKnown[$0] }.map { scores[$0] }
        area = RankingMetrics.areaUnderROC(positives: novel, negatives: known)
        self.known = Double(known.count { $0 <= 1 }) / Double(known.count)
        self.novel = Double(novel.count { $0 > 1 }) / Double(novel.count)

        let image = Array(values.prefix(test.features))
        let logits = try head?.logits(image, pool: nil)
        let begin = ContinuousClock.now
        for _ in 0..<200 { _ = try detector.scores(image, logits: logits, pool: nil) }
        scoring = (.now - begin) / .seconds(200)
    }

    private static func heldOutLogits(
        _ samples: LabelledFeatures, _ regression: LogisticRegression, _ pool: ComputePool?
    ) throws -> ClassScores {
        let count = samples.classes.count
        var logits = [Float](repeating: 0, count: samples.labels.count * count)
        for fold in StratifiedSplit.folds(labels: samples.labels, classes: count, count: 5, seed: 0) where !fold.isEmpty
        {
            let heldOut = Set(fold)
            let others = try samples.selecting(samples.labels.indices.filter { !heldOut.contains($0) }, pool: pool)
            let scores = try regression.fit(others, pool: pool).head
                .logits(samples.features.selecting(fold, pool: pool), pool: pool)
            for (row, sample) in fold.enumerated() {
                logits.replaceSubrange(sample * count..<(sample + 1) * count, with: scores[row])
            }
        }
        return try ClassScores(logits, classes: count)
    }
}
