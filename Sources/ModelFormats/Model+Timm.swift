import Compute
import Network

extension Model {
    /// Loads a folder as timm saves it, or as it is downloaded from a model hub: `config.json`, `model.safetensors` and, where
    /// somebody added it, `labels.txt` with a name a line.
    static func loadTimm(_ path: String, configuration file: FileBytes) throws(ModelFormatError) -> Model {
        let timm = try file.decodeJSON(TimmConfiguration.self)
        if let (field, expected, found) = timm.contradiction {
            throw file.malformed("field '\(field)'", expected: expected, found: found)
        }
        let weightsPath = "\(path)/model.safetensors"
        let weights = try SafetensorsFile(path: weightsPath)
        let graph = try timm.architecture.graph(
            weights: TimmTensors(file: weights), path: weightsPath, inputShape: timm.pretrained.inputSize)
        let outputs = try outputCount(of: graph, readFrom: weightsPath)
        if let classes = timm.classes, classes != outputs {
            throw file.malformed(
                "field 'num_classes'", expected: "\(outputs), as the weights have", found: "\(classes)")
        }
        let size = timm.pretrained.inputSize
        let configuration = ModelConfiguration(
            formatVersion: 1, name: path.split(separator: "/").last.map(String.init) ?? timm.architecture.rawValue,
            version: timm.pretrained.tag ?? "1", architecture: timm.architecture,
            input: .init(channels: size[0], height: size[1], width: size[2]), preprocessing: timm.preprocessing,
            weights: .init(file: "model.safetensors", bytes: weights.byteCount, sha256: weights.digest))
        var labels = try sidecarLabels(in: path, outputs: outputs)
        if labels == nil, let names = timm.labels(outputs: outputs) {
            guard names.count == outputs else {
                throw file.malformed(
                    "field 'label_names'", expected: "\(outputs), one for each output of the network",
                    found: "\(names.count)")
            }
            labels = names
        }
        return Model(
            configuration: configuration, graph: graph, labels: labels ?? [], golden: nil,
            assumptions: assumptions(ofTimmFolder: path, labels: labels ?? []))
    }

    private static func sidecarLabels(in folder: String, outputs: Int) throws(ModelFormatError) -> [String]? {
        let path = "\(folder)/labels.txt"
        guard FileContents.exists(path) else { return nil }
        return try readLabels(path, outputs: outputs)
    }
}

/// The tensors of a file that timm wrote, or of one that takes its place.
private struct TimmTensors: TensorSource {
    let file: SafetensorsFile
    var isTimm: Bool { true }

    func shape(of name: String) -> [Int]? { file.shape(of: name) }

    func tensor(_ name: String, shape: [Int]) throws -> Tensor { try file.tensor(name, shape: shape) }
}
