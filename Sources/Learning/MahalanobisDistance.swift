import Compute

/// The distance of a sample to the nearest class's mean, in standard deviations of the samples about their classes' means:
///
///     min_c √((u − m_c)ᵀ Σ⁻¹ (u − m_c)),   u = x / ‖x‖
///
/// One covariance Σ for all classes (Lee et al., 2018), as probabilistic principal components have it (Tipping and Bishop,
/// 1999): the variances along a few directions, and one for all others. It needs far fewer samples than a full covariance, tells
/// as much, and takes 32 vectors instead of 1280.
struct MahalanobisDistance: NoveltyDistance {
    private let means: ReferenceVectors
    /// Orthonormal; `nil` where the samples are too few to tell one direction from another.
    private let directions: ReferenceVectors?
    /// Along each direction.
    private let variances: [Float]
    /// Along every other direction.
    private let residualVariance: Float
    /// Of each class's mean, along each direction.
    private let projectedMeans: [Float]
    private let squaredMeans: [Double]
    /// `means` `[classes, features]` and `residual_variance` `[1]`; where there are directions, `directions`
    /// `[directions, features]` and `variances` `[directions]`.
    let tensors: [String: Tensor]

    /// On Fashion-MNIST, 16 to 128 directions tell novel classes equally well, to 0.005 of the area under the ROC.
    private static let maximumDirections = 32
    /// With two or four, novel classes are told as well, but each sample that a fold lacks changes the scale so much that
    /// the threshold lets 98 to 99 % pass instead of 95 % where there are ten samples a class.
    private static let samplesPerDirection = 8
    /// float32 rounds the square of a distance of unit vectors by about that.
    private static let rounding: Float = 1e-6

    static func fit(
        _ samples: LabelledFeatures, seed: UInt64, pool: ComputePool?
    ) throws -> MahalanobisDistance {
        let freedom = samples.labels.count - samples.classes.count
        return try fit(
            samples, directions: min(maximumDirections, freedom / samplesPerDirection), seed: seed, pool: pool)
    }

    func refitted(to samples: LabelledFeatures, seed: UInt64, pool: ComputePool?) throws -> MahalanobisDistance {
        try Self.fit(samples, directions: variances.count, seed: seed, pool: pool)
    }

    private static func fit(
        _ samples: LabelledFeatures, directions: Int, seed: UInt64, pool: ComputePool?
    ) throws -> MahalanobisDistance {
        let (classes, features, count) = (samples.classes.count, samples.features.features, samples.features.count)
        let matrix = try UnitVectors.matrix(samples.features, pool: pool)
        let means = means(of: matrix, labels: samples.labels, classes: classes)
        let labels = samples.labels
        let residuals = try BlockedMatrix(rows: count, columns: features, kernels: .selected, pool: pool) {
            row, residual in
            matrix.matrix.copyRow(row, to: residual)
            let start = labels[row] * features
            for feature in 0..<features { residual[feature] -= means[start + feature] }
        }
        let freedom = max(1, count - classes)
        let principal = try PrincipalDirections(
            of: residuals, count: min(directions, features - 1), seed: seed, pool: pool)
        let rest = principal.total - principal.values.reduce(0, +)
        let others = Double(freedom) * Double(features - principal.values.count)
        let floor = rounding / Float(features)
        let residualVariance = max(floor, Float(rest / others))
        let variances = principal.values.map { max(residualVariance, Float($0 / Double(freedom))) }
        return try MahalanobisDistance(
            means: ReferenceVectors(
                Tensor(shape: [classes, features], values: means), name: "means", features: features),
            directions: variances.isEmpty
                ? nil
                : ReferenceVectors(
                    Tensor(shape: [variances.count, features], values: principal.vectors.map(Float.init)),
                    name: "directions", features: features),
            variances: variances, residualVariance: residualVariance)
    }

    init(tensors: [String: Tensor], features: Int) throws {
        let tensors = StoredTensors(tensors)
        let residualVariance = try tensors.positive("residual_variance", count: 1)[0]
        let directions = try tensors.contains("directions") ? tensors.vectors("directions", features: features) : nil
        let count = directions?.count ?? 0
        guard count <= min(Self.maximumDirections, features) else {
            throw LearningError.invalidTensor(
                name: "directions", expected: "at most \(min(Self.maximumDirections, features))", found: "\(count)")
        }
        try self.init(
            means: tensors.vectors("means", features: features), directions: directions,
            variances: count > 0 ? tensors.positive("variances", count: count) : [], residualVariance: residualVariance)
    }

    private init(
        means: ReferenceVectors, directions: ReferenceVectors?, variances: [Float], residualVariance: Float
    ) throws {
        self.means = means
        self.directions = directions
        self.variances = variances
        self.residualVariance = residualVariance
        let features = means.tensor.shape[1]
        let values = means.tensor.values
        squaredMeans = UnitVectors.squaredLengths(values, features: features)
        projectedMeans = directions?.products(values, pool: nil) ?? []
        var tensors = [
            "means": means.tensor, "residual_variance": try Tensor(shape: [1], values: [residualVariance]),
        ]
        if let directions {
            tensors["directions"] = directions.tensor
            tensors["variances"] = try Tensor(shape: [variances.count], values: variances)
        }
        self.tensors = tensors
    }

    var resolution: Float { (Self.rounding / residualVariance).squareRoot() }

    func distances(_ samples: UnitVectors, pool: ComputePool?) -> [Float] {
        let products = means.products(samples.values, pool: pool)
        let projections = directions?.products(samples.values, pool: pool) ?? []
        let (classes, directions) = (means.count, variances.count)
        return (0..<samples.count).map { sample in
            let square = samples.squaredLengths[sample]
            guard square.isFinite else { return .infinity }
            var nearest = Double.infinity
            for index in 0..<classes {
                var (within, scaled) = (0.0, 0.0)
                for direction in 0..<directions {
                    let difference = Double(
                        projections[sample * directions + direction] - projectedMeans[index * directions + direction])
                    within += difference * difference
                    scaled += difference * difference / Double(variances[direction])
                }
                let whole = square - 2 * Double(products[sample * classes + index]) + squaredMeans[index]
                nearest = min(nearest, scaled + max(0, whole - within) / Double(residualVariance))
            }
            return Float(nearest.squareRoot())
        }
    }

    private static func means(of matrix: FeatureMatrix, labels: [Int], classes: Int) -> [Float] {
        let features = matrix.features
        var sums = [Double](repeating: 0, count: classes * features)
        var counts = [Double](repeating: 0, count: classes)
        for (sample, label) in labels.enumerated() {
            counts[label] += 1
            for (feature, value) in matrix.row(sample).enumerated() {
                sums[label * features + feature] += Double(value)
            }
        }
        return sums.indices.map { Float(sums[$0] / counts[$0 / features]) }
    }
}
