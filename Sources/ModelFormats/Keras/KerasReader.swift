import Network

/// Reads Keras models, `.keras` and `.h5`, into networks.
enum KerasReader {
    /// What a file says beside the network.
    struct Result {
        var graph: Graph
        /// Whether its first layer scales pixels (`Rescaling`, `Normalization`).
        var scalesPixels: Bool
    }

    /// Throws a ``ModelFormatError`` that names the layer.
    static func read(_ file: FileContents) throws(ModelFormatError) -> Result {
        var importer = try KerasImporter(try KerasModel(file.bytes))
        return Result(graph: try importer.importGraph(), scalesPixels: importer.scalesPixels)
    }
}
