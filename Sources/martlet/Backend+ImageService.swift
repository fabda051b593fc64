import MartletAPI
import Service

extension Backend {
    /// The routes over a service.
    init(_ service: ImageService) {
        self.init(
            classify: { images, terms, topK, head async throws(ServiceError) in
                try await service.classify(images, on: terms, topK: topK, head: head)
            },
            embed: { images, terms, layer, normalize async throws(ServiceError) in
                try await service.embed(images, on: terms, layer: layer, normalize: normalize)
            },
            models: { service.models },
            load: { model async throws(ServiceError) in try await service.load(model) },
            unload: { model throws(ServiceError) in try service.unload(model) },
            exportONNX: { head async throws(TeachingError) in
                try await service.onnx(of: head, producerVersion: Martlet.configuration.version)
            },
            statistics: { service.statistics }, isReady: { service.repository.isReady })
    }
}
