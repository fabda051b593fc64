/// Where a head's version comes from: all that is needed to make it again.
public struct HeadProvenance: Equatable, Codable, Sendable {
    /// The name of the network below the head.
    public let model: String
    /// What the head takes.
    public let space: EmbeddingSpace
    /// The name of what it was trained on; `nil` where it is not known.
    public let dataset: String?
    /// What the dataset held then.
    public let datasetDigest: ContentDigest?
    /// Of the training's random numbers.
    public let seed: UInt64?
    /// The job that made it; `nil` where it was imported.
    public let job: String?

    public init(
        model: String, space: EmbeddingSpace, dataset: String? = nil, datasetDigest: ContentDigest? = nil,
        seed: UInt64? = nil, job: String? = nil
    ) {
        self.model = model
        self.space = space
        self.dataset = dataset
        self.datasetDigest = datasetDigest
        self.seed = seed
        self.job = job
    }
}
