/// Labelled images, collected over time.
///
/// An image's bytes are kept once, whatever the number of datasets, labels and file names under which it came.
public protocol DatasetStore: Sendable {
    /// Creates the dataset, or changes what an existing one retains: with ``Retention/embeddings`` the bytes of its
    /// images that have embeddings are deleted at once.
    ///
    /// - Parameter retention: `nil` leaves an existing dataset as it is, and has a new one retain the images.
    /// - Returns: the dataset, and whether it is new.
    /// - Throws: ``StoreError/invalidName(_:)``.
    func putDataset(_ name: String, retention: Retention?) async throws(StoreError) -> (dataset: Dataset, isNew: Bool)

    /// - Throws: ``StoreError/unknownDataset(_:)``.
    func dataset(_ name: String) async throws(StoreError) -> Dataset

    /// At most `limit` datasets in the order of their names, from the first after `name`.
    func datasets(after name: String?, limit: Int) async throws(StoreError) -> [Dataset]

    /// Deletes the dataset with its images, and what was kept for these alone.
    ///
    /// - Throws: ``StoreError/unknownDataset(_:)``.
    func deleteDataset(_ name: String) async throws(StoreError)

    /// Adds all of the images or none.
    ///
    /// - Returns: what became of each, in the order given.
    /// - Throws: ``StoreError/unknownDataset(_:)``.
    func addImages(_ images: [NewImage], to dataset: String) async throws(StoreError) -> [AddedImage]

    /// At most `limit` images in the order in which they were added, from the first after the one with `id`; all that one
    /// call answers were there at one moment.
    ///
    /// - Throws: ``StoreError/unknownDataset(_:)``.
    func images(of dataset: String, after id: Int64?, limit: Int) async throws(StoreError) -> [DatasetImage]

    /// - Throws: ``StoreError/unknownDataset(_:)``, ``StoreError/unknownImage(_:dataset:)``.
    func image(_ id: Int64, of dataset: String) async throws(StoreError) -> DatasetImage

    /// - Throws: ``StoreError/unknownDataset(_:)``, ``StoreError/unknownImage(_:dataset:)``.
    func deleteImage(_ id: Int64, of dataset: String) async throws(StoreError)

    /// The image's file, or `nil` where it is not kept (any more).
    func bytes(of image: ContentDigest) async throws(StoreError) -> [UInt8]?
}
