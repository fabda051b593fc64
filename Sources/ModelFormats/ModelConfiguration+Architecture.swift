import Network

extension ModelConfiguration.Architecture {
    /// The network with these weights.
    func graph(weights: FileContents) throws(ModelFormatError) -> Graph {
        do {
            switch self {
            case .efficientNetLite0:
                return try EfficientNetLite.lite0.graph(weights: try weights.tensorSource())
            case .onnx: return try ONNXReader.readComplete(weights)
            }
        } catch let error as ModelFormatError {
            throw error
        } catch {
            throw .malformed(
                file: weights.path, location: "network", expected: "weights of \(rawValue)", found: "\(error)")
        }
    }
}
