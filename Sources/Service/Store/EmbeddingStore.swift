/// What networks computed of the datasets' images, so that training again costs no forward pass.
///
/// Embeddings go with the last image of any dataset that has the same digest.
public protocol EmbeddingStore: Sendable {
    /// The embeddings that are there of the images, each of as many numbers as it was saved with. For thousands of images
    /// ask in parts: one answer is in memory as a whole.
    func embeddings(of images: [ContentDigest], in space: EmbeddingSpace, variant: String) async throws(StoreError)
        -> [ContentDigest: [Float]]

    /// Saves all of the embeddings, in the place of those that were there, except those of images that no dataset has any
    /// more. Where no dataset retains an image's bytes they are deleted with this, so all variants of an image belong
    /// into one call.
    func saveEmbeddings(_ embeddings: [StoredEmbedding], in space: EmbeddingSpace) async throws(StoreError)

    /// Deletes the bytes of images that will never have an embedding, except where a dataset retains them.
    func deleteUnretainedFiles(of images: [ContentDigest]) async throws(StoreError)
}
