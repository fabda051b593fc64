import Compute

/// The distance to the k-th nearest taught sample, all of them scaled to length 1: Sun et al., "Out-of-Distribution Detection
/// with Deep Nearest Neighbors", 2022.
struct NearestNeighbourDistance: NoveltyDistance {
    private let samples: ReferenceVectors
    private let squaredLengths: [Double]
    /// k, from 1.
    let neighbour: Int
    /// `samples` `[samples, features]` and `neighbour` `[1]`.
    let tensors: [String: Tensor]

    /// Sun et al. lose nothing by keeping a part of the samples. 5 MB for 1280 features.
    private static let maximumSamples = 1000
    /// A tenth of the smallest class, from 1 to 10: on Fashion-MNIST the first neighbour serves best for up to 10 samples a class,
    /// the fifth to tenth for 100 and more.
    private static func neighbour(smallestClass: Int) -> Int { min(10, max(1, smallestClass / 10)) }

    static func fit(
        _ samples: LabelledFeatures, seed: UInt64, pool: ComputePool?
    ) throws -> NearestNeighbourDistance {
        let kept = try samples.subset(of: maximumSamples, seed: seed, pool: pool)
        return try fit(kept, neighbour: neighbour(smallestClass: kept.classCounts.reduce(.max, min)), pool: pool)
    }

    func refitted(
        to samples: LabelledFeatures, seed: UInt64, pool: ComputePool?
    ) throws -> NearestNeighbourDistance {
        try Self.fit(samples.subset(of: Self.maximumSamples, seed: seed, pool: pool), neighbour: neighbour, pool: pool)
    }

    private static func fit(
        _ kept: LabelledFeatures, neighbour: Int, pool: ComputePool?
    ) throws -> NearestNeighbourDistance {
        let matrix = try UnitVectors.matrix(kept.features, pool: pool)
        let tensor = try Tensor(shape: [matrix.count, matrix.features]) { values in
            for sample in 0..<matrix.count {
                matrix.matrix.copyRow(
                    sample,
                    to: UnsafeMutableBufferPointer(
                        rebasing: values[sample * matrix.features..<(sample + 1) * matrix.features]))
            }
        }
        return try NearestNeighbourDistance(
            ReferenceVectors(tensor, name: "samples", features: matrix.features),
            neighbour: min(neighbour, matrix.count))
    }

    init(tensors: [String: Tensor], features: Int) throws {
        let tensors = StoredTensors(tensors)
        let samples = try tensors.vectors("samples", features: features)
        let neighbour = try tensors.positive("neighbour", count: 1)[0]
        guard let neighbour = Int(exactly: neighbour), neighbour <= samples.count else {
            throw LearningError.invalidTensor(
                name: "neighbour", expected: "a whole number up to \(samples.count)", found: "\(neighbour)")
        }
        try self.init(samples, neighbour: neighbour)
    }

    private init(_ samples: ReferenceVectors, neighbour: Int) throws {
        self.samples = samples
        self.neighbour = neighbour
        let features = samples.tensor.shape[1]
        squaredLengths = UnitVectors.squaredLengths(samples.tensor.values, features: features)
        tensors = [
            "samples": samples.tensor, "neighbour": try Tensor(shape: [1], values: [Float(neighbour)]),
        ]
    }

    /// float32 rounds the square of a distance of unit vectors by about 1e-6.
    var resolution: Float { 1e-3 }

    func distances(_ others: UnitVectors, pool: ComputePool?) -> [Float] {
        let products = samples.products(others.values, pool: pool)
        return others.squaredLengths.enumerated().map { other, square in
            guard square.isFinite else { return .infinity }
            var nearest: [Double] = []
            for sample in 0..<samples.count {
                let distance = square - 2 * Double(products[other * samples.count + sample]) + squaredLengths[sample]
                if nearest.count == neighbour {
                    guard distance < nearest[neighbour - 1] else { continue }
                    nearest.removeLast()
                }
                nearest.insert(distance, at: nearest.firstIndex { $0 > distance } ?? nearest.count)
            }
            return Float(max(0, nearest[neighbour - 1]).squareRoot())
        }
    }
}
