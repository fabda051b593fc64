import Compute
import Inference
import Learning
import ModelFormats
import Network

extension ImageService {
    /// The network below the head and the head, in one ONNX file with the head's labels: its answers are the probabilities
    /// that `/classify?head=` gives.
    ///
    /// - Parameter producerVersion: this program's.
    /// - Throws: `TeachingError.service` where the network is not there, `TeachingError.exportFailed`.
    public func onnx(of head: ServedHead, producerVersion: String) async throws(TeachingError) -> [UInt8] {
        let loaded: LoadedModel
        do { loaded = try await network(below: head) } catch { throw .service(error) }
        guard let path = repository.path(of: loaded) else {
            throw .service(.modelUnavailable(reason: "model '\(loaded.name)' is being replaced; try again"))
        }
        let result = await exports.run { () -> Result<[UInt8], any Error> in
            Result { try Self.onnx(of: head, over: path, expecting: loaded.digest, producerVersion) }
        }
        do { return try result.get() } catch { throw .exportFailed(reason: "\(error)") }
    }

    /// Reads the model's files again: a loaded one has its weights packed.
    private static func onnx(
        of head: ServedHead, over path: String, expecting digest: String, _ producerVersion: String
    ) throws -> [UInt8] {
        let model = try Model.load(path)
        guard model.digest == digest else { throw ServiceError.failed("the model's files have changed; try again") }
        let graph = try model.graph.classifying(head.provenance.space.layer, with: head.classifier.layers())
        var metadata = model.metadata
        metadata.name = head.reference.name
        metadata.version = String(head.reference.version)
        metadata.labels = head.labels
        return try ONNXWriter.serialize(graph, metadata: metadata, producerVersion: producerVersion)
    }
}

extension Classifier {
    /// As layers of a network.
    fileprivate func layers() throws -> [Dense] {
        switch self {
        case .logistic(let head):
            [
                Dense(
                    weights: try Tensor(shape: [head.classes.count, head.features], values: head.weights),
                    bias: try Tensor(shape: [head.classes.count], values: head.biases))
            ]
        case .perceptron(let head):
            [
                Dense(
                    weights: try Tensor(shape: [head.hiddenUnits, head.features], values: head.hiddenWeights),
                    bias: try Tensor(shape: [head.hiddenUnits], values: head.hiddenBiases), activation: .relu),
                Dense(
                    weights: try Tensor(shape: [head.classes.count, head.hiddenUnits], values: head.weights),
                    bias: try Tensor(shape: [head.classes.count], values: head.biases)),
            ]
        }
    }
}
