/// Images for one model, and the terms on which they wait for it.
public struct InferenceRequest: Sendable {
    /// One image.
    public struct Image: Sendable {
        /// The digest of the encoded image: equal ones are computed once. `nil` is like no other.
        public let content: [UInt8]?
        /// Makes the network's input, `H × W × C` floats. Runs on a thread that may block, when its turn comes.
        public let prepare: @Sendable () throws -> [Float]

        public init(content: [UInt8]? = nil, prepare: @escaping @Sendable () throws -> [Float]) {
            self.content = content
            self.prepare = prepare
        }
    }

    public let model: LoadedModel
    public let images: [Image]
    /// The layer wanted.
    public let layer: String
    public let priority: InferencePriority
    /// Whose turn it takes: clients of one priority take turns, by their shares.
    public let client: QueueClient
    /// When the answer is of no more use.
    public let deadline: ContinuousClock.Instant

    public init(
        model: LoadedModel, images: [Image], layer: String, priority: InferencePriority = .normal,
        client: QueueClient = "", deadline: ContinuousClock.Instant = .now + .seconds(3600)
    ) {
        self.model = model
        self.images = images
        self.layer = layer
        self.priority = priority
        self.client = client
        self.deadline = deadline
    }
}

/// What became of a request's images.
public struct InferenceResult: Sendable {
    /// In the order of the request: the layer's floats, or what its `prepare` threw.
    public let images: [Result<[Float], any Error>]
    /// Of the image that was last: making the network's input. Another request that sent the same image may have had it
    /// made, and its batch run, before this one came: then this and ``computed`` can be longer than ``total``.
    public let prepared: Duration
    /// Of the image that was last: the run of its batch.
    public let computed: Duration
    /// From entering the queue to the result.
    public let total: Duration
}
