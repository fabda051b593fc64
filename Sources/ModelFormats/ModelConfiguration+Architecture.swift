import Network

extension ModelConfiguration.Architecture {
    /// The network with these weights.
    func graph(weights: FileContents) throws(ModelFormatError) -> Graph {
        do {
            switch self {
            case .efficientNetLite0:
                return try EfficientNetLite.lite0.graph(weights: try SafetensorsFile(weights.bytes))
            case .onnx: return try ONNXReader.readComplete(weights)
            case .keras: return try KerasReader.read(weights).graph
            }
        } catch let error as ModelFormatError {
            throw error
        } catch {
            throw .malformed(
                file: weights.path, location: "network", expected: "weights of \(rawValue)", found: "\(error)")
        }
    }
}
