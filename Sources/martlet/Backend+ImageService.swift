import MartletAPI
import Service

extension Backend {
    /// The routes over a service whose models are loaded and checked, and so ready from the start.
    init(_ service: ImageService) {
        self.init(
            classify: { images, model, topK async throws(ServiceError) in
                try await service.classify(images, model: model, topK: topK)
            },
            embed: { images, model, layer, normalize async throws(ServiceError) in
                try await service.embed(images, model: model, layer: layer, normalize: normalize)
            },
            models: { service.models },
            isReady: { true })
    }
}
