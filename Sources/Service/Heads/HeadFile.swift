import Compute
import Foundation
import Learning
import ModelFormats

/// A head as a safetensors file: what the store keeps, export writes and import reads.
///
/// Tensors, all float32: of a logistic head `weight` `[classes, features]` and `bias` `[classes]`, as PyTorch's `Linear` has
/// them; of a multi-layer perceptron `hidden.weight` `[hidden units, features]` and `hidden.bias` before them; of a novelty
/// detector those that begin with `novelty.`. The temperature is folded into the last layer: softmax of the logits are
/// the calibrated probabilities. The metadata member `martlet.head` says the rest, in JSON.
public struct HeadFile: Sendable {
    public let kind: HeadKind
    public let classifier: Classifier
    public let novelty: NoveltyDetector?
    public let provenance: HeadProvenance
    /// What the evaluation found, in JSON.
    public let metrics: Data?

    /// The largest file that is imported.
    public static let sizeLimit = 256 << 20
    private static let metadataName = "martlet.head"
    private static let noveltyPrefix = "novelty."

    private struct Description: Codable {
        var format = 1
        let kind: HeadKind
        let labels: [String]
        let provenance: HeadProvenance
        let novelty: Novelty?
        let metrics: String?

        struct Novelty: Codable {
            let method: NoveltyDetector.Method
            let threshold: Float
        }
    }

    public init(classifier: Classifier, novelty: NoveltyDetector?, provenance: HeadProvenance, metrics: Data?) {
        kind =
            switch classifier {
            case .logistic: .logistic
            case .perceptron: .mlp
            }
        self.classifier = classifier
        self.novelty = novelty
        self.provenance = provenance
        self.metrics = metrics
    }

    /// The file's bytes.
    ///
    /// - Throws: `ModelWriteError`, `TensorError`.
    public func serialized() throws -> Data {
        var tensors: [String: Tensor] = [:]
        switch classifier {
        case .logistic(let head):
            tensors["weight"] = try Tensor(shape: [head.classes.count, head.features], values: head.weights)
            tensors["bias"] = try Tensor(shape: [head.classes.count], values: head.biases)
        case .perceptron(let head):
            tensors["hidden.weight"] = try Tensor(shape: [head.hiddenUnits, head.features], values: head.hiddenWeights)
            tensors["hidden.bias"] = try Tensor(shape: [head.hiddenUnits], values: head.hiddenBiases)
            tensors["weight"] = try Tensor(shape: [head.classes.count, head.hiddenUnits], values: head.weights)
            tensors["bias"] = try Tensor(shape: [head.classes.count], values: head.biases)
        }
        for (name, tensor) in novelty?.tensors ?? [:] { tensors[Self.noveltyPrefix + name] = tensor }
        let description = Description(
            kind: kind, labels: classifier.classes, provenance: provenance,
            novelty: novelty.map { Description.Novelty(method: $0.method, threshold: $0.threshold) },
            metrics: metrics.map { String(decoding: $0, as: UTF8.self) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(description), as: UTF8.self)
        return Data(try SafetensorsWriter.serialize(tensors, metadata: [Self.metadataName: json]))
    }

    /// Reads a file, of which nothing is believed.
    ///
    /// - Throws: ``HeadFileError``.
    public init(_ bytes: [UInt8]) throws(HeadFileError) {
        do {
            guard bytes.count <= Self.sizeLimit else {
                throw HeadFileError("expected at most \(Self.sizeLimit) bytes, found \(bytes.count)")
            }
            let file = try SafetensorsFile(bytes, name: "head")
            guard let json = file.metadata[Self.metadataName] else {
                throw HeadFileError(
                    "it has no metadata '\(Self.metadataName)'; expected a file that GET /heads/{head}/export wrote")
            }
            let description = try JSONDecoder().decode(Description.self, from: Data(json.utf8))
            try Self.check(description)
            (kind, provenance) = (description.kind, description.provenance)
            metrics = description.metrics.map { Data($0.utf8) }
            classifier = try Self.classifier(description, file)
            novelty = try Self.novelty(description.novelty, file, features: classifier.features)
        } catch let error as HeadFileError {
            throw error
        } catch let error as DecodingError {
            throw HeadFileError("metadata '\(Self.metadataName)': \(error.shortDescription)")
        } catch {
            throw HeadFileError("\(error)")
        }
    }

    private static func check(_ description: Description) throws {
        guard description.format == 1 else {
            throw HeadFileError("expected format 1, found \(description.format); update Martlet")
        }
        guard description.labels.count >= 2, Set(description.labels).count == description.labels.count else {
            throw HeadFileError("expected two or more different labels, found \(description.labels.count)")
        }
        for label in description.labels {
            do { _ = try ImageLabel.normalized(label) } catch { throw HeadFileError("\(error)") }
        }
        if let metrics = description.metrics {
            guard (try? JSONSerialization.jsonObject(with: Data(metrics.utf8))) is [String: Any] else {
                throw HeadFileError("expected 'metrics' as the text of a JSON object")
            }
        }
    }

    private static func classifier(_ description: Description, _ file: SafetensorsFile) throws -> Classifier {
        let classes = description.labels
        func extents(_ name: String) throws -> (rows: Int, columns: Int) {
            guard let shape = file.shapes[name], shape.count == 2, shape.allSatisfy({ $0 > 0 }) else {
                throw HeadFileError("expected a tensor '\(name)' of two dimensions")
            }
            return (shape[0], shape[1])
        }
        func values(_ name: String, _ shape: [Int]) throws -> [Float] {
            let values = try file.tensor(name, shape: shape).values
            guard values.allSatisfy(\.isFinite) else {
                throw HeadFileError("tensor '\(name)': expected finite numbers")
            }
            return values
        }
        let (_, inputs) = try extents("weight")
        let weights = try values("weight", [classes.count, inputs])
        let biases = try values("bias", [classes.count])
        switch description.kind {
        case .logistic:
            return .logistic(
                try LinearHead(classes: classes, features: inputs, weights: weights, biases: biases))
        case .mlp:
            let (units, features) = try extents("hidden.weight")
            guard units == inputs else {
                throw HeadFileError("'weight' takes \(inputs) numbers, 'hidden.weight' gives \(units)")
            }
            return .perceptron(
                try MultilayerPerceptron(
                    classes: classes, features: features, hiddenUnits: units,
                    hiddenWeights: values("hidden.weight", [units, features]),
                    hiddenBiases: values("hidden.bias", [units]), weights: weights, biases: biases))
        }
    }

    private static func novelty(
        _ description: Description.Novelty?, _ file: SafetensorsFile, features: Int
    ) throws -> NoveltyDetector? {
        guard let description else { return nil }
        var tensors: [String: Tensor] = [:]
        for (name, shape) in file.shapes where name.hasPrefix(noveltyPrefix) {
            tensors[String(name.dropFirst(noveltyPrefix.count))] = try file.tensor(name, shape: shape)
        }
        return try NoveltyDetector(
            method: description.method, threshold: description.threshold, tensors: tensors, features: features)
    }
}

/// Why bytes are no head.
public struct HeadFileError: Error, Equatable, CustomStringConvertible {
    public let reason: String

    init(_ reason: String) { self.reason = reason }

    public var description: String { "this is no head: \(reason)" }
}

extension DecodingError {
    /// Where and what, in a line.
    fileprivate var shortDescription: String {
        switch self {
        case .keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context.codingPath.map(\.stringValue).joined(separator: ".") + ": " + context.debugDescription
        @unknown default: "\(self)"
        }
    }
}
