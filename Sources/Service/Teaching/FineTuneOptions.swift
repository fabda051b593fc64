/// What a client can say about a fine-tune job. The coding keys are the names on the wire: query parameters, form fields,
/// members of JSON; a job is stored as this JSON.
public struct FineTuneOptions: Equatable, Sendable {
    /// The name of the head to train.
    public var head: String?
    /// The name of the dataset to train it on; `nil` where the images come with the request.
    public var dataset: String?
    /// The network below the head; `nil` for the default one.
    public var model: String?
    public var type = HeadKind.logistic
    /// The strength of the L2 penalty; `nil` has cross-validation choose a logistic head's, and is 10 for a multi-layer
    /// perceptron.
    public var l2: Double?
    /// The part of the images that is held out to evaluate the head, where that leaves enough to judge by; 0
    /// cross-validates, whatever their number.
    public var validation = 0.2
    /// Of all random numbers: the split, the initial weights, dropout.
    public var seed: UInt64 = 0
    /// Of a logistic head.
    public var solver = Solver.lbfgs
    /// Of gradient descent; `nil` for one over the largest curvature, which descends steadily.
    public var stepSize: Double?
    /// Of a logistic head's solver, at most.
    public var iterations: Int?
    public var classWeights = ClassWeighting.uniform
    /// Whether features are brought to mean 0 and variance 1 before the fit.
    public var standardize = true
    /// The width of a multi-layer perceptron's hidden layer.
    public var hiddenUnits: Int?
    /// The probability with which training drops a hidden unit of a multi-layer perceptron.
    public var dropout: Double?
    /// Of a multi-layer perceptron's optimiser.
    public var learningRate: Double?
    /// Passes over the images that train a multi-layer perceptron, at most.
    public var epochs: Int?
    public var augmentation = Augmentation.none
    /// What the dataset keeps of its images from now on; `nil` leaves an existing dataset as it is, and has a new one
    /// keep the images.
    public var retain: Retention?
    /// Whether the new version is served at once.
    public var promote = true
    /// How images that are none of the classes are found; `nil` for the default method.
    public var novelty: NoveltyMethod?

    public init() {}

    public enum Solver: String, Codable, Sendable, CaseIterable {
        case lbfgs
        case gradientDescent = "gradient-descent"
    }

    public enum ClassWeighting: String, Codable, Sendable, CaseIterable {
        /// Each image counts the same.
        case uniform
        /// Each class counts the same.
        case balanced
    }

    /// What is trained on beside the images as they came.
    public enum Augmentation: String, Codable, Sendable, CaseIterable {
        case none
        /// Each image's mirror image.
        case flip
        /// Each image's mirror image, and crops of its corners.
        case crops
    }

    public enum NoveltyMethod: String, Codable, Sendable, CaseIterable {
        case mahalanobis
        case nearestNeighbour = "nearest-neighbour"
        case energy
        case none
    }
}

extension FineTuneOptions: Codable {
    public enum CodingKeys: String, CodingKey, CaseIterable {
        case head, dataset, model, type, l2, validation, seed, solver
        case stepSize = "step_size"
        case iterations
        case classWeights = "class_weights"
        case standardize
        case hiddenUnits = "hidden_units"
        case dropout
        case learningRate = "learning_rate"
        case epochs, augmentation, retain, promote, novelty
    }

    /// What is missing has its default, so that a job stays readable when later versions know more options.
    public init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        head = try values.decodeIfPresent(String.self, forKey: .head)
        dataset = try values.decodeIfPresent(String.self, forKey: .dataset)
        model = try values.decodeIfPresent(String.self, forKey: .model)
        type = try values.decodeIfPresent(HeadKind.self, forKey: .type) ?? type
        l2 = try values.decodeIfPresent(Double.self, forKey: .l2)
        validation = try values.decodeIfPresent(Double.self, forKey: .validation) ?? validation
        seed = try values.decodeIfPresent(UInt64.self, forKey: .seed) ?? seed
        solver = try values.decodeIfPresent(Solver.self, forKey: .solver) ?? solver
        stepSize = try values.decodeIfPresent(Double.self, forKey: .stepSize)
        iterations = try values.decodeIfPresent(Int.self, forKey: .iterations)
        classWeights = try values.decodeIfPresent(ClassWeighting.self, forKey: .classWeights) ?? classWeights
        standardize = try values.decodeIfPresent(Bool.self, forKey: .standardize) ?? standardize
        hiddenUnits = try values.decodeIfPresent(Int.self, forKey: .hiddenUnits)
        dropout = try values.decodeIfPresent(Double.self, forKey: .dropout)
        learningRate = try values.decodeIfPresent(Double.self, forKey: .learningRate)
        epochs = try values.decodeIfPresent(Int.self, forKey: .epochs)
        augmentation = try values.decodeIfPresent(Augmentation.self, forKey: .augmentation) ?? augmentation
        retain = try values.decodeIfPresent(Retention.self, forKey: .retain)
        promote = try values.decodeIfPresent(Bool.self, forKey: .promote) ?? promote
        novelty = try values.decodeIfPresent(NoveltyMethod.self, forKey: .novelty)
    }
}
