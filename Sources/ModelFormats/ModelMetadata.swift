/// What using a network takes beside the network: it travels in the ONNX files that ``ONNXWriter`` makes, as the JSON
/// value of the metadata property ``ONNXWriter/metadataName``.
public struct ModelMetadata: Codable, Sendable, Equatable {
    /// What requests call the model.
    public var name: String
    public var version: String
    /// The SHA-256 of the weights that the file was made from, 64 hexadecimal digits.
    public var weightsDigest: String
    public var preprocessing: PreprocessingRule
    /// The classes' names, in the order of the network's outputs; empty where the model has none.
    public var labels: [String]

    public init(
        name: String, version: String, weightsDigest: String, preprocessing: PreprocessingRule, labels: [String]
    ) {
        self.name = name
        self.version = version
        self.weightsDigest = weightsDigest
        self.preprocessing = preprocessing
        self.labels = labels
    }

    private enum CodingKeys: String, CodingKey {
        case name, version, preprocessing, labels
        case weightsDigest = "weights_sha256"
    }
}

extension Model {
    /// All but the network.
    public var metadata: ModelMetadata {
        ModelMetadata(
            name: configuration.name, version: configuration.version, weightsDigest: digest,
            preprocessing: configuration.preprocessing, labels: labels)
    }
}
