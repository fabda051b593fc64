import Compute
import Learning
import Testing

struct NoveltyTensorsTests {
    private static let distances = [NoveltyDetector.Method.mahalanobis, .nearestNeighbour]

    @Test(arguments: NoveltyDetector.Method.allCases)
    func `A stored detector gives the same scores`(_ method: NoveltyDetector.Method) throws {
        for fixture in try NoveltyFixture.load().distances {
            let samples = try fixture.samples()
            let logits = try ClassScores((0..<samples.labels.count * 2).map { Float($0 % 7) }, classes: 2)
            let detector = try NoveltyDetector.fit(method, samples, logits: logits, pool: nil)
            let restored = try NoveltyDetector(
                method: method, threshold: detector.threshold, tensors: detector.tensors, features: detector.features)
            let others = fixture.others.map(Float.init)
            let theirs = try ClassScores((0..<24).map { Float($0 % 5) }, classes: 2)
            #expect(
                try restored.scores(others, logits: theirs, pool: nil)
                    == detector.scores(others, logits: theirs, pool: nil))
        }
    }

    @Test func `A tensor that is missing, of another shape or not finite is refused`() throws {
        for method in Self.distances {
            let tensors = try NoveltyDetector.fit(method, NoveltyFixture.load().distances[0].samples(), pool: nil)
                .tensors
            for (name, tensor) in tensors {
                var hostile: [Tensor?] = [
                    try Tensor(shape: [], values: [1]), try Tensor(shape: [0], values: []),
                    try Tensor(shape: [0, 8], values: []), try Tensor(shape: [8, 0], values: []),
                    try Tensor(shape: [1, 1 << 40, 0], values: []), try tensor.reshaped([1] + tensor.shape),
                ]
                // Without directions there are no variances: another detector, but a sound one.
                if name != "directions" { hostile.append(nil) }
                for value in [Float.nan, .infinity, -.infinity] {
                    hostile.append(
                        try Tensor(shape: tensor.shape, values: Array(tensor.values.dropLast()) + [value]))
                }
                for replacement in hostile {
                    var changed = tensors
                    changed[name] = replacement
                    #expect(throws: LearningError.self, "\(method) \(name) \(replacement?.shape ?? [-1])") {
                        try NoveltyDetector(method: method, threshold: 1, tensors: changed, features: 8)
                    }
                }
            }
            for features in [-1, 0, 7, 9, Int.max] {
                #expect(throws: LearningError.self) {
                    try NoveltyDetector(method: method, threshold: 1, tensors: tensors, features: features)
                }
            }
        }
    }

    @Test(arguments: [Float.nan, .infinity, 0, -1])
    func `A distance's threshold is positive and finite`(_ threshold: Float) throws {
        for method in Self.distances {
            let tensors = try NoveltyDetector.fit(method, NoveltyFixture.load().distances[0].samples(), pool: nil)
                .tensors
            #expect(throws: LearningError.self) {
                try NoveltyDetector(method: method, threshold: threshold, tensors: tensors, features: 8)
            }
        }
    }

    @Test func `Variances are positive, neighbours are among the samples, directions are few`() throws {
        let samples = try Tensor(shape: [2, 1], values: [1, -1])
        for neighbour in [Float(0), 0.5, 3, 1e30, -1] {
            let tensors = ["samples": samples, "neighbour": try Tensor(shape: [1], values: [neighbour])]
            #expect(throws: LearningError.self) {
                try NoveltyDetector(method: .nearestNeighbour, threshold: 1, tensors: tensors, features: 1)
            }
        }
        func mahalanobis(directions: Int, features: Int, variance: Float = 1, residual: Float = 1) throws {
            _ = try NoveltyDetector(
                method: .mahalanobis, threshold: 1,
                tensors: [
                    "means": Tensor(shape: [1, features], values: Array(repeating: 1, count: features)),
                    "directions": Tensor(
                        shape: [directions, features], values: Array(repeating: 1, count: directions * features)),
                    "variances": Tensor(shape: [directions], values: Array(repeating: variance, count: directions)),
                    "residual_variance": Tensor(shape: [1], values: [residual]),
                ], features: features)
        }
        #expect(throws: LearningError.self) { try mahalanobis(directions: 33, features: 40) }
        #expect(throws: LearningError.self) { try mahalanobis(directions: 3, features: 2) }
        #expect(throws: LearningError.self) { try mahalanobis(directions: 1, features: 2, variance: 0) }
        #expect(throws: LearningError.self) { try mahalanobis(directions: 1, features: 2, residual: -1) }
        try mahalanobis(directions: 2, features: 2)
    }

    @Test func `Numbers that overflow give a finite score`() throws {
        let huge = Float.greatestFiniteMagnitude
        let mahalanobis = try NoveltyDetector(
            method: .mahalanobis, threshold: .leastNonzeroMagnitude,
            tensors: [
                "means": Tensor(shape: [1, 2], values: [huge, huge]),
                "directions": Tensor(shape: [1, 2], values: [huge, huge]),
                "variances": Tensor(shape: [1], values: [.leastNonzeroMagnitude]),
                "residual_variance": Tensor(shape: [1], values: [.leastNonzeroMagnitude]),
            ], features: 2)
        let neighbour = try NoveltyDetector(
            method: .nearestNeighbour, threshold: .leastNonzeroMagnitude,
            tensors: [
                "samples": Tensor(shape: [1, 2], values: [huge, -huge]), "neighbour": Tensor(shape: [1], values: [1]),
            ], features: 2)
        for detector in [mahalanobis, neighbour] {
            let scores = try detector.scores([1, 1, -1, 2, 0, 0], pool: nil)
            #expect(scores.allSatisfy { $0.isFinite && $0 >= 0 }, "\(scores)")
        }
    }
}
