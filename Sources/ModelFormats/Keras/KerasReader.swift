import Network

/// Reads Keras models, `.keras` and `.h5`, into networks.
public enum KerasReader {
    /// What a file says beside the network.
    struct Result {
        var graph: Graph
        /// Whether its first layer scales pixels (`Rescaling`, `Normalization`).
        var scalesPixels: Bool
    }

    /// The network of a file of these bytes, which are called `name` in errors.
    ///
    /// Throws a ``ModelFormatError`` that names the layer.
    public static func read(_ bytes: [UInt8], name: String) throws(ModelFormatError) -> Graph {
        try read(try FileContents(path: name, contents: bytes)).graph
    }

    /// Throws a ``ModelFormatError`` that names the layer.
    static func read(_ file: FileContents) throws(ModelFormatError) -> Result {
        var importer = try KerasImporter(try KerasModel(file.bytes))
        return Result(graph: try importer.importGraph(), scalesPixels: importer.scalesPixels)
    }
}
