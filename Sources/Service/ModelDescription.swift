/// What is to be known about a model that is served.
public struct ModelDescription: Sendable {
    public let name: String
    public let version: String
    /// The network's input, `[channels, height, width]`.
    public let inputShape: [Int]
    public let preprocessing: Preprocessing
    /// How many classes it tells apart.
    public let classes: Int
    /// What `/embed` reads where the request names no layer; `nil` where no layer comes before a classifier.
    public let embeddingLayer: String?
    /// All layers that can be asked for, in the order of computation.
    public let layers: [Layer]
    public let parameters: Int
    /// Multiplications with addition that one image takes.
    public let multiplyAdds: Int
    /// `sha256:` and the hexadecimal digest of the weights' file.
    public let digest: String
    /// The SPDX identifier of the weights' licence, where it is known.
    public let license: String?
    /// Where the weights come from.
    public let source: String?
    public let batching: Batching

    /// How the queue batches the model's images, and what it has learned of their cost.
    public struct Batching: Sendable {
        /// The most images that run at a time: as the model says, else what pays.
        public let maximumBatch: Int
        /// How long an image may be kept back for others.
        public let maximumDelayMilliseconds: Int
        /// How many batches the queue has learned from.
        public let batches: Int
        /// `a` of `t = a·n + b`, the time of a batch of `n` images; `nil` before the first batch.
        public let millisecondsPerImage: Double?
        /// `b` of `t = a·n + b`.
        public let millisecondsPerBatch: Double?

        public init(
            maximumBatch: Int, maximumDelayMilliseconds: Int, batches: Int, millisecondsPerImage: Double?,
            millisecondsPerBatch: Double?
        ) {
            self.maximumBatch = maximumBatch
            self.maximumDelayMilliseconds = maximumDelayMilliseconds
            self.batches = batches
            self.millisecondsPerImage = millisecondsPerImage
            self.millisecondsPerBatch = millisecondsPerBatch
        }
    }

    /// From an upright RGB image to the network's input.
    public struct Preprocessing: Sendable {
        public let width: Int
        public let height: Int
        /// `center_crop` before the resize, `resize_then_crop`, or `squash`, which does not keep the proportions.
        public let resize: String
        /// `bilinear` or `bicubic`.
        public let interpolation: String
        /// The part of the shorter side that the centre crop keeps.
        public let cropFraction: Double
        /// `RGB` or `BGR`: in what order the network reads the channels, and `mean` and `standardDeviation` have them.
        public let colorOrder: String
        /// Subtracted from each channel's values in 0…1.
        public let mean: [Float]
        /// Divides each channel after that.
        public let standardDeviation: [Float]

        public init(
            width: Int, height: Int, resize: String, interpolation: String, cropFraction: Double, colorOrder: String,
            mean: [Float], standardDeviation: [Float]
        ) {
            self.width = width
            self.height = height
            self.resize = resize
            self.interpolation = interpolation
            self.cropFraction = cropFraction
            self.colorOrder = colorOrder
            self.mean = mean
            self.standardDeviation = standardDeviation
        }
    }

    /// A layer of the network.
    public struct Layer: Sendable {
        public let name: String
        public let operation: String
        /// `[channels, height, width]`, or `[features]`.
        public let outputShape: [Int]

        public init(name: String, operation: String, outputShape: [Int]) {
            self.name = name
            self.operation = operation
            self.outputShape = outputShape
        }
    }

    public init(
        name: String, version: String, inputShape: [Int], preprocessing: Preprocessing, classes: Int,
        embeddingLayer: String?, layers: [Layer], parameters: Int, multiplyAdds: Int, digest: String, license: String?,
        source: String?, batching: Batching
    ) {
        self.name = name
        self.version = version
        self.inputShape = inputShape
        self.preprocessing = preprocessing
        self.classes = classes
        self.embeddingLayer = embeddingLayer
        self.layers = layers
        self.parameters = parameters
        self.multiplyAdds = multiplyAdds
        self.digest = digest
        self.license = license
        self.source = source
        self.batching = batching
    }
}
