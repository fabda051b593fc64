import MartletAPI
import Service

extension Backend {
    /// The routes over a service.
    init(_ service: ImageService) {
        self.init(
            classify: { images, terms, topK async throws(ServiceError) in
                try await service.classify(images, on: terms, topK: topK)
            },
            embed: { images, terms, layer, normalize async throws(ServiceError) in
                try await service.embed(images, on: terms, layer: layer, normalize: normalize)
            },
            models: { service.models },
            load: { model async throws(ServiceError) in try await service.load(model) },
            unload: { model throws(ServiceError) in try service.unload(model) },
            statistics: { service.statistics }, isReady: { service.repository.isReady })
    }
}
