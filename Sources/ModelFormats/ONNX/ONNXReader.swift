import Network

/// Reads networks in the Open Neural Network Exchange format (https://onnx.ai/onnx/repo-docs/IR.html).
///
/// The network must take one float32 batch of images, `[N, C, H, W]`, and give one vector or map for each.
/// `N` may be anything; the other extents must be fixed. Weights stay where the file was read to: see ``Tensor``.
public enum ONNXReader {
    /// Reads the file at `path`; the operators that are read are those of ``supportedOperators``.
    ///
    /// Throws a ``ModelFormatError`` that names the node, or the part of the file, that stands in the way.
    public static func read(_ path: String) throws(ModelFormatError) -> Graph {
        try read(try FileContents(path: path, payloads: ONNXPayloads.ranges))
    }

    /// As ``read(_:)``, for bytes that are called `name` in errors.
    public static func read(_ bytes: [UInt8], name: String) throws(ModelFormatError) -> Graph {
        try read(try FileContents(path: name, contents: bytes))
    }

    /// The names of the operators, sorted.
    public static var supportedOperators: [String] { ONNXOperator.allCases.map(\.rawValue).sorted() }

    /// A model folder's file, which has all weights inside: its digest is what config.json states.
    static func readComplete(_ file: FileContents) throws(ModelFormatError) -> Graph {
        let model = try ONNXModel(file.bytes)
        let graph = try graph(of: model)
        if let other = model.externalFiles.all.first {
            throw file.bytes.unsupported(
                "weights", found: "data in another file, \(other.name.quoted)",
                supported: "one file in a model folder: `martlet convert` writes it")
        }
        return graph
    }

    static func read(_ file: FileContents) throws(ModelFormatError) -> Graph {
        try graph(of: try ONNXModel(file.bytes))
    }

    /// - Parameters:
    ///   - isBatch: whether the input's first axis stands for images.
    ///   - constantLimit: the bytes that constants may take, if not those of ``ConstantBudget``.
    static func graph(
        of model: ONNXModel, isBatch: Bool = true, constantLimit: Int? = nil
    ) throws(ModelFormatError) -> Graph {
        var importer = try ONNXImporter(model, isBatch: isBatch, constantLimit: constantLimit)
        return try importer.importGraph()
    }
}
