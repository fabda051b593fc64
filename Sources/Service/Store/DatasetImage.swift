import Foundation

/// An image of a dataset, without its bytes.
public struct DatasetImage: Equatable, Sendable, Identifiable {
    /// Counts up over all datasets; never used again for another image.
    public let id: Int64
    public let digest: ContentDigest
    public let label: String
    public let filename: String?
    /// Of the file.
    public let byteCount: Int
    public let added: Date

    public init(id: Int64, digest: ContentDigest, label: String, filename: String?, byteCount: Int, added: Date) {
        self.id = id
        self.digest = digest
        self.label = label
        self.filename = filename
        self.byteCount = byteCount
        self.added = added
    }
}

/// What became of an image that was to be added.
public enum AddedImage: Equatable, Sendable {
    case added(id: Int64)
    /// The dataset has the same bytes under the same label already; nothing was added.
    case duplicate(of: Int64)
    /// It was added, but the dataset has the same bytes under other labels too.
    case conflicting(id: Int64, with: [ConflictingImage])
}

/// An image that has the bytes of another, but not its label.
public struct ConflictingImage: Equatable, Sendable {
    public let id: Int64
    public let label: String

    public init(id: Int64, label: String) {
        self.id = id
        self.label = label
    }
}
