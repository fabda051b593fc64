/// The answer to a classification, one prediction an image, in the order of the request.
public struct ClassifyResult: Sendable {
    public let model: String
    public let version: String
    /// The head that classified in place of the network's own classifier.
    public let head: HeadReference?
    public let predictions: [Prediction]
    public let timing: Timing

    public init(
        model: String, version: String, head: HeadReference? = nil, predictions: [Prediction], timing: Timing
    ) {
        self.model = model
        self.version = version
        self.head = head
        self.predictions = predictions
        self.timing = timing
    }
}

/// What one image shows, the most probable class first.
public struct Prediction: Sendable {
    public let id: String
    public let filename: String?
    public let classes: Result<[ClassProbability], ImageFailure>
    /// Where the head has a novelty detector.
    public let novelty: Novelty?

    public init(
        id: String, filename: String?, classes: Result<[ClassProbability], ImageFailure>, novelty: Novelty? = nil
    ) {
        self.id = id
        self.filename = filename
        self.classes = classes
        self.novelty = novelty
    }
}

/// A class and its softmax probability.
public struct ClassProbability: Sendable, Equatable {
    public let label: String
    /// The position among the network's outputs.
    public let index: Int
    public let probability: Float

    public init(label: String, index: Int, probability: Float) {
        self.label = label
        self.index = index
        self.probability = probability
    }
}

/// The answer to an embedding request, one vector an image, in the order of the request.
public struct EmbedResult: Sendable {
    public let model: String
    public let version: String
    public let layer: String
    /// The length of every vector.
    public let dimensions: Int
    public let embeddings: [Embedding]
    public let timing: Timing

    public init(
        model: String, version: String, layer: String, dimensions: Int, embeddings: [Embedding], timing: Timing
    ) {
        self.model = model
        self.version = version
        self.layer = layer
        self.dimensions = dimensions
        self.embeddings = embeddings
        self.timing = timing
    }
}

/// One image as a vector of features.
public struct Embedding: Sendable {
    public let id: String
    public let filename: String?
    public let vector: Result<[Float], ImageFailure>

    public init(id: String, filename: String?, vector: Result<[Float], ImageFailure>) {
        self.id = id
        self.filename = filename
        self.vector = vector
    }
}

/// Where the time of a request went: for one of several images, the way of the image that was last. `decode`, `queue`
/// and `compute` add up to `total`; none is negative.
public struct Timing: Sendable {
    /// From the encoded image to the network's input.
    public let decode: Duration
    /// Waiting, for a decoding thread and for the network.
    public let queue: Duration
    /// Running the network on the image's batch.
    public let compute: Duration
    public let total: Duration

    public init(decode: Duration, queue: Duration, compute: Duration, total: Duration) {
        self.decode = decode
        self.queue = queue
        self.compute = compute
        self.total = total
    }
}
