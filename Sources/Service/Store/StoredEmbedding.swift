/// One image's features.
public struct StoredEmbedding: Equatable, Sendable {
    public let image: ContentDigest
    /// Which augmentation of the image this is of; empty for the image as it came.
    public let variant: String
    /// As many as the layer has outputs.
    public let vector: [Float]

    public init(image: ContentDigest, variant: String = "", vector: [Float]) {
        self.image = image
        self.variant = variant
        self.vector = vector
    }
}

/// All that embeddings depend on beside the image: those of one space can be compared with each other.
public struct EmbeddingSpace: Hashable, Codable, Sendable {
    /// Of the model's files.
    public let model: ContentDigest
    /// Of how the image becomes the network's input.
    public let preprocessing: ContentDigest
    /// Whose output the embedding is.
    public let layer: String

    public init(model: ContentDigest, preprocessing: ContentDigest, layer: String) {
        self.model = model
        self.preprocessing = preprocessing
        self.layer = layer
    }
}
