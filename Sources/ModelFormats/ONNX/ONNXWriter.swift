import Network

/// Writes networks in the Open Neural Network Exchange format (https://onnx.ai/onnx/repo-docs/IR.html), so that
/// ``ONNXReader`` and every other engine run them.
///
/// Maps are `[N, C, H, W]` and vectors `[N, K]`, with a symbolic `N`. Of operator set 17, or of a later one
/// where a layer needs it (19: an average pool that is dilated). What a layer has fused (an activation, a residual) becomes nodes of their own, called as the layer with
/// `.residual` or `.activation` behind.
public enum ONNXWriter {
    /// The key of the metadata property that holds a ``ModelMetadata``.
    public static let metadataName = "martlet"

    /// The largest message of protocol buffers (https://protobuf.dev/programming-guides/proto-limits), so the largest
    /// ONNX file without external data: 2 GiB.
    static let sizeLimit = Int(Int32.max)

    /// The bytes of an ONNX model that computes what `graph` computes, weights included.
    ///
    /// - Parameters:
    ///   - metadata: what the file says about the model beside the network.
    ///   - producerVersion: this program's.
    /// - Throws: ``ModelWriteError`` where the graph is not valid, or the file would be larger than 2 GiB.
    public static func serialize(
        _ graph: Graph, metadata: ModelMetadata? = nil, producerVersion: String
    ) throws(ModelWriteError) -> [UInt8] {
        try serialize(graph, metadata: metadata, producerVersion: producerVersion, sizeLimit: sizeLimit)
    }

    static func serialize(
        _ graph: Graph, metadata: ModelMetadata? = nil, producerVersion: String, sizeLimit: Int
    ) throws(ModelWriteError) -> [UInt8] {
        let exporter: ONNXExporter
        let contents: ProtobufWriter
        do {
            var writing = try ONNXExporter(graph)
            contents = try writing.export(named: metadata?.name ?? "network")
            exporter = writing
        } catch {
            throw .invalid(reason: "\(error)")
        }
        var operatorSet = ProtobufWriter()
        operatorSet.text(1, "")
        operatorSet.integer(2, exporter.operatorSet)
        // ModelProto, whose field numbers are those of onnx/onnx.proto.
        var model = ProtobufWriter()
        model.integer(1, exporter.formatVersion)
        model.text(2, "martlet")
        model.text(3, producerVersion)
        model.message(8, operatorSet)
        if let metadata {
            var property = ProtobufWriter()
            property.text(1, metadataName)
            property.text(2, String(decoding: try [UInt8](json: metadata), as: UTF8.self))
            model.message(14, property)
        }
        model.message(7, contents)
        guard model.count <= sizeLimit else {
            throw .tooLarge(part: "the ONNX file", bytes: model.count, limit: sizeLimit)
        }
        return model.bytes
    }
}
