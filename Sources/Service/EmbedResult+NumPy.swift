import ModelFormats

extension EmbedResult {
    /// The vectors as the bytes of an `.npy` file of shape (images, ``dimensions``).
    ///
    /// - Throws: ``ServiceError/failed(_:)`` where an image has no vector: the array has no place for an error.
    public func numPyFile() throws(ServiceError) -> [UInt8] {
        let vectors = embeddings.compactMap { try? $0.vector.get() }
        guard vectors.count == embeddings.count,
            let array = NumPyArray(shape: [vectors.count, dimensions], values: Array(vectors.joined()))
        else {
            throw .failed("expected \(embeddings.count) vectors of \(dimensions), found \(vectors.map(\.count))")
        }
        return array.serialized()
    }
}
