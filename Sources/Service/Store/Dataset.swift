import Foundation

/// A named collection of labelled images.
public struct Dataset: Equatable, Sendable {
    public let name: String
    public let created: Date
    public let retention: Retention
    /// In the order of the labels' UTF-8 bytes.
    public let labels: [LabelCount]

    public var imageCount: Int { labels.reduce(0) { $0 + $1.imageCount } }

    public init(name: String, created: Date, retention: Retention, labels: [LabelCount]) {
        self.name = name
        self.created = created
        self.retention = retention
        self.labels = labels
    }
}

/// How many images of a dataset have a label.
public struct LabelCount: Equatable, Sendable {
    public let label: String
    public let imageCount: Int

    public init(label: String, imageCount: Int) {
        self.label = label
        self.imageCount = imageCount
    }
}

/// What a dataset keeps of its images.
public enum Retention: String, Codable, Sendable, CaseIterable {
    /// The files themselves.
    case images
    /// No pixels: an image's file is deleted in the transaction that saves its first embedding, or when a job finds that it
    /// cannot be decoded. One that another dataset retains stays there. What was deleted is overwritten with zeros in the
    /// database's file. Until a job has come to an image, its file is there.
    case embeddings
}
