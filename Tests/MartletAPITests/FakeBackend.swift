import Logging
import Service

@testable import MartletAPI

/// Bytes that stand for an image in these tests, where nothing is decoded: a JPEG's first bytes and a name.
func jpeg(_ name: String) -> [UInt8] { [0xFF, 0xD8, 0xFF] + Array(name.utf8) }

extension MartletAPI {
    init(_ backend: Backend, imageLimit: Int = defaultImageLimit) {
        self.init(
            backend: backend, imageLimit: imageLimit, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

extension Timing {
    static let fixed = Timing(
        decode: .microseconds(1900), queue: .microseconds(100), compute: .microseconds(5200), total: .microseconds(7400)
    )
}

extension Backend {
    /// Knows one model, `lite`, with the classes cat, dog and 茶; reads what `jpeg` makes. An image named
    /// `broken`, `huge` or `starved` fails.
    static let fake = Backend(
        classify: { images, terms, topK, head throws(ServiceError) in
            try checkModel(terms.model)
            let topK = topK ?? 3
            guard topK <= 3 else { throw .topKOutOfRange(topK, classes: 3) }
            let classes = [
                ClassProbability(label: "cat", index: 285, probability: 0.61),
                ClassProbability(label: "\"dog\"", index: 2, probability: 0.25),
                ClassProbability(label: "茶", index: 0, probability: 1e-7),
            ]
            return ClassifyResult(
                model: "lite", version: "1", head: head?.reference,
                predictions: images.map { image in
                    Prediction(
                        id: image.id, filename: image.filename,
                        classes: read(image).map { _ in Array(classes.prefix(topK)) })
                }, timing: .fixed)
        },
        embed: { images, terms, layer, normalize throws(ServiceError) in
            try checkModel(terms.model)
            guard ["global_pool", "stem"].contains(layer ?? "stem") else {
                throw .unknownLayer(layer ?? "", model: "lite", available: ["stem", "global_pool"])
            }
            return EmbedResult(
                model: "lite", version: "1", layer: layer ?? "global_pool", dimensions: 2,
                embeddings: images.map { image in
                    Embedding(
                        id: image.id, filename: image.filename,
                        vector: read(image).map { _ in normalize ? [0.6, -0.8] : [3, -4] })
                }, timing: .fixed)
        },
        models: { [.fake] }, load: { model throws(ServiceError) in try checkModel(model) },
        unload: { model throws(ServiceError) in try checkModel(model) },
        exportONNX: { _ throws(TeachingError) in Array("onnx".utf8) }, statistics: { .fake }, isReady: { true })

    /// Answers every inference with an error.
    static func failing(_ error: ServiceError) -> Backend {
        Backend(
            classify: { _, _, _, _ throws(ServiceError) in throw error },
            embed: { _, _, _, _ throws(ServiceError) in throw error }, models: { [] },
            load: { _ throws(ServiceError) in throw error }, unload: { _ throws(ServiceError) in throw error },
            exportONNX: { _ throws(TeachingError) in throw .service(error) }, statistics: { QueueStatistics() },
            isReady: { false })
    }

    /// `fake`, which also tells `heard` the terms of each inference.
    static func recording(_ heard: @escaping @Sendable (RequestTerms) -> Void) -> Backend {
        Backend(
            classify: { images, terms, topK, head throws(ServiceError) in
                heard(terms)
                return try await fake.classify(images, terms, topK, head)
            },
            embed: { images, terms, layer, normalize throws(ServiceError) in
                heard(terms)
                return try await fake.embed(images, terms, layer, normalize)
            }, models: fake.models, load: fake.load, unload: fake.unload, exportONNX: fake.exportONNX,
            statistics: fake.statistics,
            isReady: fake.isReady)
    }

    /// `fake` with other models.
    static func serving(_ models: [ModelReport]) -> Backend {
        Backend(
            classify: fake.classify, embed: fake.embed, models: { models }, load: fake.load, unload: fake.unload,
            exportONNX: fake.exportONNX, statistics: fake.statistics, isReady: fake.isReady)
    }

    private static func checkModel(_ name: String?) throws(ServiceError) {
        if let name, name != "lite" { throw .unknownModel(name, available: ["lite"]) }
    }

    private static func read(_ image: ImageInput) -> Result<[UInt8], ImageFailure> {
        image.content.flatMap { bytes in
            switch bytes {
            case jpeg("broken"): .failure(ImageFailure(.broken, "the JPEG ends too early"))
            case jpeg("huge"): .failure(ImageFailure(.tooManyPixels, "900000000 pixels, at most 50000000"))
            case jpeg("starved"): .failure(ImageFailure(.outOfMemory, "not enough memory to decode the image"))
            case _ where bytes.starts(with: jpeg("")): .success(bytes)
            default: .failure(ImageFailure(.unsupported, "expected JPEG, PNG or WebP, found text"))
            }
        }
    }
}

extension ModelDescription {
    static let fake = ModelDescription(
        name: "lite", version: "1", inputShape: [3, 224, 224],
        preprocessing: Preprocessing(
            width: 224, height: 224, resize: "center_crop", interpolation: "bicubic", cropFraction: 0.875,
            colorOrder: "RGB", mean: [0.5, 0.5, 0.5], standardDeviation: [0.25, 0.25, 0.25]),
        classes: 3, embeddingLayer: "global_pool",
        layers: [
            Layer(name: "stem", operation: "convolution 3×3", outputShape: [32, 112, 112]),
            Layer(name: "global_pool", operation: "global average pooling", outputShape: [2]),
        ],
        parameters: 4_652_008, multiplyAdds: 385_000_000, digest: "sha256:00ff", license: "Apache-2.0", source: nil,
        batching: Batching(
            maximumBatch: 4, maximumDelayMilliseconds: 0, batches: 10, millisecondsPerImage: 2.5,
            millisecondsPerBatch: 0.5))
}

extension ModelReport {
    static let fake = ModelReport(
        name: "lite", isDefault: true,
        versions: [
            ModelVersionStatus(version: "1", state: .ready, isLatest: true, failure: nil),
            ModelVersionStatus(version: "2", state: .failed, isLatest: false, failure: "no weights"),
        ], latest: .fake)
}

extension QueueStatistics {
    static var fake: QueueStatistics {
        var statistics = QueueStatistics()
        (statistics.waiting, statistics.computed, statistics.cacheHits) = (3, 41, 5)
        return statistics
    }
}
