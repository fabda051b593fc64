import Imaging
import Inference

/// Encoded images in, classes or vectors out: decode, preprocess, queue, network, and what the numbers mean.
public final class ImageService: Sendable {
    /// The most numbers in one answer unless another limit is given: 16 MiB as float32, about 50 MB as JSON.
    public static let defaultAnswerLimit = 1 << 22

    /// The models that can be asked for.
    public let repository: ModelRepository
    private let queue: InferenceQueue
    private let pipeline: ImagePipeline
    private let defaultTimeout: Duration
    private let answerLimit: Int
    /// Where files are read and written that nobody waits for on a thread of Swift's.
    let exports = BackgroundQueue(name: "martlet-export")
    private let features = BackgroundQueue(name: "martlet-feature")

    /// A service over `repository` whose images wait in `queue`, for `defaultTimeout` where the request does not say.
    /// An embedding of more than `answerLimit` numbers for all its images is refused.
    public init(
        repository: ModelRepository, queue: InferenceQueue, limits: ImageLimits = ImageLimits(),
        defaultTimeout: Duration = .seconds(30), answerLimit: Int = defaultAnswerLimit
    ) {
        self.repository = repository
        self.queue = queue
        self.defaultTimeout = defaultTimeout
        self.answerLimit = answerLimit
        pipeline = ImagePipeline(limits: limits)
    }

    /// The `topK` most probable classes of each image; without a number five, or all where there are fewer.
    ///
    /// - Parameter head: classifies in place of the network's own classifier, on the network that it was trained on.
    public func classify(
        _ images: [ImageInput], on terms: RequestTerms = RequestTerms(), topK: Int?, head: ServedHead? = nil
    ) async throws(ServiceError) -> ClassifyResult {
        let deadline = deadline(of: terms)
        if let head { return try await classify(images, terms, topK, head, deadline) }
        let loaded = try await model(of: terms, deadline)
        let classes = loaded.plan.outputShape.reduce(1, *)
        let topK = topK ?? min(5, classes)
        guard (1...classes).contains(topK) else { throw .topKOutOfRange(topK, classes: classes) }
        let run = try await run(images, loaded, loaded.plan.outputName, terms, deadline)
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
        _ images: [ImageInput], on terms: RequestTerms = RequestTerms(), layer: String?, normalize: Bool
    ) async throws(ServiceError) -> EmbedResult {
        let deadline = deadline(of: terms)
        let loaded = try await model(of: terms, deadline)
        let layer = try loaded.embeddingLayer(named: layer)
        let dimensions = layer.outputShape.reduce(1, *)
        guard images.count <= answerLimit / dimensions else {
            throw .tooManyNumbers(images: images.count, dimensions: dimensions, limit: answerLimit)
        }
        let run = try await run(images, loaded, layer.name, terms, deadline)
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

    /// Loads a model again by hand.
    public func load(_ model: String) async throws(ServiceError) {
        do { try await repository.load(model) } catch { throw ServiceError(error) }
    }

    /// Takes a model out of service until it is loaded by hand.
    public func unload(_ model: String) throws(ServiceError) {
        do { try repository.unload(model) } catch { throw ServiceError(error) }
    }

    /// What the queue holds and has done.
    public var statistics: QueueStatistics { queue.statistics }

    /// Ends the queue: what waits gets ``ServiceError/stopping``.
    public func stop() { queue.stop() }

    private func deadline(of terms: RequestTerms) -> ContinuousClock.Instant {
        .now + (terms.timeout ?? defaultTimeout)
    }

    private func model(
        of terms: RequestTerms, _ deadline: ContinuousClock.Instant
    ) async throws(ServiceError) -> LoadedModel {
        do {
            return try await repository.model(named: terms.model, version: terms.version, deadline: deadline)
        } catch { throw ServiceError(error) }
    }

    /// Takes the images through the queue; each that cannot be decoded fails alone.
    func run(
        _ images: [ImageInput], _ loaded: LoadedModel, _ layer: String, _ terms: RequestTerms,
        _ deadline: ContinuousClock.Instant
    ) async throws(ServiceError) -> (outputs: [Result<[Float], ImageFailure>], timing: Timing) {
        let readable = images.compactMap { image in
            (try? image.content.get()).map { ViewedImage(bytes: $0, view: .whole) }
        }
        let result = try await infer(readable, loaded, layer, terms, deadline)
        var results = result.images.makeIterator()
        var outputs: [Result<[Float], ImageFailure>] = []
        for image in images {
            switch image.content {
            case .failure(let failure): outputs.append(.failure(failure))
            case .success: outputs.append(try Self.output(results.next()))
            }
        }
        return (outputs, Timing(result))
    }

    /// The layer's numbers for each image.
    func features(
        of images: [ViewedImage], _ loaded: LoadedModel, _ layer: String, _ terms: RequestTerms
    ) async throws(ServiceError) -> [Result<[Float], ImageFailure>] {
        let result = try await infer(images, loaded, layer, terms, deadline(of: terms))
        var outputs: [Result<[Float], ImageFailure>] = []
        for image in result.images { outputs.append(try Self.output(image)) }
        return outputs
    }

    /// How long an image of a job waits at most, from layer to layer, while others' are computed: on a machine that never
    /// rests it goes on beside them.
    private static let patienceAside = Duration.milliseconds(50)

    /// The layer's numbers for each image, computed beside the queue on one thread behind all others: a request that
    /// came while the queue computes a job's image would wait for its end.
    func featuresInBackground(
        of images: [ViewedImage], _ loaded: LoadedModel, _ layer: String
    ) async throws(ServiceError) -> [Result<[Float], ImageFailure>] {
        let preprocessing: Preprocessing
        do { preprocessing = try loaded.preprocessing() } catch { throw ServiceError(error) }
        let result = await features.run { [pipeline, queue] () -> Result<[Result<[Float], ImageFailure>], any Error> in
            Result {
                try images.map { image in
                    var patience = Self.patienceAside
                    queue.giveWay(&patience)
                    let input: [Float]
                    do throws(ImageFailure) { input = try pipeline.tensor(image, preprocessing) } catch {
                        return .failure(error)
                    }
                    let vector = try loaded.plan.runAside(input, layer: layer) { queue.giveWay(&patience) }
                    return .success(vector)
                }
            }
        }
        do { return try result.get() } catch { throw ServiceError(error) }
    }

    private func infer(
        _ images: [ViewedImage], _ loaded: LoadedModel, _ layer: String, _ terms: RequestTerms,
        _ deadline: ContinuousClock.Instant
    ) async throws(ServiceError) -> InferenceResult {
        do {
            let preprocessing = try loaded.preprocessing()
            return try await queue.infer(
                InferenceRequest(
                    model: loaded, images: images.map { pipeline.image($0, preprocessing) }, layer: layer,
                    priority: terms.priority, client: terms.client, deadline: deadline))
        } catch { throw ServiceError(error) }
    }

    /// An image's own failure stays with it; any other is the request's.
    private static func output(
        _ result: Result<[Float], any Error>?
    ) throws(ServiceError) -> Result<[Float], ImageFailure> {
        switch result {
        case .success(let values): .success(values)
        case .failure(let failure as ImageFailure): .failure(failure)
        case .failure(let error): throw ServiceError(error)
        case nil: throw .failed("the queue answered for fewer images than were asked")
        }
    }
}
