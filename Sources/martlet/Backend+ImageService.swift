import MartletAPI
import Service

extension Backend {
    /// The routes over a service whose models are loaded and checked, and so ready from the start.
    init(_ service: ImageService) {
        self.init(
            classify: { images, terms, topK async throws(ServiceError) in
                try await service.classify(images, on: terms, topK: topK)
            },
            embed: { images, terms, layer, normalize async throws(ServiceError) in
                try await service.embed(images, on: terms, layer: layer, normalize: normalize)
            },
            models: { service.models },
            isReady: { true })
    }
}
