import Service

/// What the routes ask of the service, as functions: the routes' tests put literal answers here.
public struct Backend: Sendable {
    /// `topK` is `nil` where the request leaves it open: then five classes, or as many as there are. `head` classifies in
    /// place of the network's own classifier.
    public typealias Classify =
        @Sendable (_ images: [ImageInput], _ terms: RequestTerms, _ topK: Int?, _ head: ServedHead?)
        async throws(ServiceError) -> ClassifyResult
    public typealias Embed =
        @Sendable (_ images: [ImageInput], _ terms: RequestTerms, _ layer: String?, _ normalize: Bool)
        async
        throws(ServiceError) -> EmbedResult

    let classify: Classify
    let embed: Embed
    let models: @Sendable () -> [ModelReport]
    let load: @Sendable (_ model: String) async throws(ServiceError) -> Void
    let unload: @Sendable (_ model: String) throws(ServiceError) -> Void
    /// The network below a head and the head, as an ONNX file.
    let exportONNX: @Sendable (_ head: ServedHead) async throws(TeachingError) -> [UInt8]
    let statistics: @Sendable () -> QueueStatistics
    let isReady: @Sendable () -> Bool

    public init(
        classify: @escaping Classify, embed: @escaping Embed, models: @escaping @Sendable () -> [ModelReport],
        load: @escaping @Sendable (_ model: String) async throws(ServiceError) -> Void,
        unload: @escaping @Sendable (_ model: String) throws(ServiceError) -> Void,
        exportONNX: @escaping @Sendable (_ head: ServedHead) async throws(TeachingError) -> [UInt8],
        statistics: @escaping @Sendable () -> QueueStatistics, isReady: @escaping @Sendable () -> Bool
    ) {
        self.classify = classify
        self.embed = embed
        self.models = models
        self.load = load
        self.unload = unload
        self.exportONNX = exportONNX
        self.statistics = statistics
        self.isReady = isReady
    }
}
