import Inference

extension ImageService: FeatureNetworks {
    public func network(named name: String?) async throws(ServiceError) -> any FeatureNetwork {
        let loaded: LoadedModel
        do { loaded = try await repository.model(named: name) } catch { throw ServiceError(error) }
        return QueuedNetwork(service: self, loaded: loaded, space: try loaded.embeddingSpace())
    }

    public var admittedImages: Int { statistics.admitted }
}

/// A network of the inference queue. It stays the same, whatever version takes its model's place.
private struct QueuedNetwork: FeatureNetwork {
    /// An image of a job waits behind everybody else's, for as long as it takes.
    private static let patience = Duration.seconds(3600)

    let service: ImageService
    let loaded: LoadedModel
    let space: EmbeddingSpace

    var name: String { loaded.name }
    var dimensions: Int { loaded.dimensions(of: space.layer) }

    func features(
        of images: [ViewedImage], inBackground: Bool
    ) async throws(ServiceError) -> [Result<[Float], ImageFailure>] {
        if inBackground { return try await service.featuresInBackground(of: images, loaded, space.layer) }
        let terms = RequestTerms(priority: .low, timeout: Self.patience, client: "fine-tune")
        return try await service.features(of: images, loaded, space.layer, terms)
    }
}
