import Foundation
import Inference
import ModelFormats

extension LoadedModel {
    /// The space of the vectors that `layer` computes, by default the one that the classifier reads.
    ///
    /// - Throws: ``ServiceError/unknownLayer(_:model:available:)``.
    public func embeddingSpace(layer: String? = nil) throws(ServiceError) -> EmbeddingSpace {
        let layer = try embeddingLayer(named: layer).name
        guard let model = ContentDigest(hexadecimal: digest), let preprocessing = preprocessingDigest else {
            throw .failed("OpenSSL refused to compute a SHA-256")
        }
        return EmbeddingSpace(model: model, preprocessing: preprocessing, layer: layer)
    }

    /// How many numbers the layer has for an image; 0 where there is no such layer.
    func dimensions(of layer: String) -> Int {
        plan.layers.first { $0.name == layer }?.outputShape.reduce(1, *) ?? 0
    }

    /// Of all that lies between an image's file and the network, in JSON.
    private var preprocessingDigest: ContentDigest? {
        struct Input: Encodable {
            let architecture: ModelConfiguration.Architecture
            let input: ModelConfiguration.InputSize
            let preprocessing: PreprocessingRule
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let input = Input(
            architecture: configuration.architecture, input: configuration.input,
            preprocessing: configuration.preprocessing)
        guard let json = try? encoder.encode(input) else { return nil }
        return ContentDigest(of: [UInt8](json))
    }
}
