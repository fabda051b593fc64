import ModelFormats

extension EmbedResult {
    /// The vectors as a NumPy file of shape `(n, dimensions)`, float32; images that failed are left out.
    public var numPyFile: [UInt8] {
        let vectors = embeddings.compactMap { try? $0.vector.get() }
        return NumPyArray(shape: [vectors.count, dimensions], values: Array(vectors.joined()))?.serialized() ?? []
    }
}
