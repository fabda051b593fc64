import Imaging
import Inference

/// Encoded images in, classes or vectors out: decode, preprocess, queue, network, and what the numbers mean.
public final class ImageService: Sendable {
    /// The most numbers in one answer: 16 MiB as float32, about 50 MB as JSON.
    private static let largestAnswer = 1 << 22

    /// The models that can be asked for.
    public let repository: ModelRepository
    private let queue: InferenceQueue
    private let pipeline: ImagePipeline
    /// By the model's name.
    private let preprocessing: [String: Preprocessing]

    /// A service over `repository` that decodes on `decodeWidth` threads and lets `queueCapacity` images wait.
    ///
    /// - Throws: `PreprocessingError` where a model asks for something that makes no sense.
    public init(
        repository: ModelRepository, limits: ImageLimits = ImageLimits(), decodeWidth: Int, queueCapacity: Int
    ) throws(PreprocessingError) {
        self.repository = repository
        var preprocessing: [String: Preprocessing] = [:]
        for model in repository.models { preprocessing[model.name] = try model.preprocessing() }
        self.preprocessing = preprocessing
        queue = InferenceQueue(capacity: queueCapacity)
        pipeline = ImagePipeline(limits: limits, width: decodeWidth)
    }

    /// The `topK` most probable classes of each image; without a number five, or all where there are fewer.
    public func classify(
        _ images: [ImageInput], model name: String?, topK: Int?
    ) async throws(ServiceError) -> ClassifyResult {
        let loaded = try model(named: name)
        let classes = loaded.plan.outputShape.reduce(1, *)
        let topK = topK ?? min(5, classes)
        guard (1...classes).contains(topK) else { throw .topKOutOfRange(topK, classes: classes) }
        let run = try await run(images, on: loaded, layer: loaded.plan.outputName)
        return ClassifyResult(
            model: loaded.name, version: loaded.version,
            predictions: zip(images, run.outputs).map { image, output in
                Prediction(
                    id: image.id, filename: image.filename,
                    classes: output.map { loaded.topClasses(of: $0, count: topK) })
            },
            timing: run.timing)
    }

    /// The output of `layer` (by default what the classifier reads) for each image, flattened in C, H, W order;
    /// scaled to Euclidean length 1 if `normalize`.
    public func embed(
        _ images: [ImageInput], model name: String?, layer: String?, normalize: Bool
    ) async throws(ServiceError) -> EmbedResult {
        let loaded = try model(named: name)
        let layer = try loaded.embeddingLayer(named: layer)
        let dimensions = layer.outputShape.reduce(1, *)
        guard images.count <= Self.largestAnswer / dimensions else {
            throw .tooManyNumbers(images: images.count, dimensions: dimensions, limit: Self.largestAnswer)
        }
        let run = try await run(images, on: loaded, layer: layer.name)
        return EmbedResult(
            model: loaded.name, version: loaded.version, layer: layer.name,
            dimensions: dimensions,
            embeddings: zip(images, run.outputs).map { image, output in
                Embedding(
                    id: image.id, filename: image.filename,
                    vector: output.map { normalize ? normalized($0) : $0 })
            },
            timing: run.timing)
    }

    /// Ends the queue: what waits gets ``ServiceError/stopping``.
    public func stop() { queue.stop() }

    private func model(named name: String?) throws(ServiceError) -> LoadedModel {
        do { return try repository.model(named: name) } catch { throw ServiceError(error) }
    }

    /// Takes all images through decoding and those that can be decoded through the network, as one batch.
    private func run(
        _ images: [ImageInput], on loaded: LoadedModel, layer: String
    ) async throws(ServiceError) -> (outputs: [Result<[Float], ImageFailure>], timing: Timing) {
        guard let preprocessing = preprocessing[loaded.name] else {
            throw .unknownModel(loaded.name, available: preprocessing.keys.sorted())
        }
        let start = ContinuousClock.now
        let tensors = await pipeline.tensors(for: images, preprocessing: preprocessing)
        let decoded = ContinuousClock.now
        let batch = tensors.compactMap { try? $0.get() }
        let result = try await infer(batch, on: loaded, layer: layer)
        let values = result?.values.first ?? []
        let length = values.count / max(1, batch.count)
        var position = 0
        let outputs = tensors.map { tensor in
            tensor.map { _ in
                defer { position += length }
                return Array(values[position..<position + length])
            }
        }
        let timing = Timing(
            decode: decoded - start, queue: result?.queued ?? .zero, compute: result?.computed ?? .zero,
            total: .now - start)
        return (outputs, timing)
    }

    /// `nil` where there is nothing to compute.
    private func infer(
        _ batch: [[Float]], on loaded: LoadedModel, layer: String
    ) async throws(ServiceError) -> InferenceQueue.Result? {
        guard !batch.isEmpty else { return nil }
        do {
            return try await queue.infer(
                loaded.plan, input: batch.count == 1 ? batch[0] : Array(batch.joined()), images: batch.count,
                layers: [layer])
        } catch { throw ServiceError(error) }
    }
}
