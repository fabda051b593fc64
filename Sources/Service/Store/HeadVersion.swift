import Foundation

/// One version of a head, without its tensors.
public struct HeadVersion: Equatable, Sendable {
    public let head: String
    /// From 1.
    public let version: Int
    public let kind: HeadKind
    /// The classes, in the order of the outputs.
    public let labels: [String]
    public let provenance: HeadProvenance
    /// What its evaluation found, in JSON.
    public let metrics: Data?
    /// The part of held-out images that the head was right about, of the metrics; `nil` where it is not known.
    public let accuracy: Double?
    /// Of the tensors.
    public let byteCount: Int
    public let created: Date
    public let isPromoted: Bool

    public init(
        head: String, version: Int, kind: HeadKind, labels: [String], provenance: HeadProvenance, metrics: Data?,
        accuracy: Double?, byteCount: Int, created: Date, isPromoted: Bool
    ) {
        self.head = head
        self.version = version
        self.kind = kind
        self.labels = labels
        self.provenance = provenance
        self.metrics = metrics
        self.accuracy = accuracy
        self.byteCount = byteCount
        self.created = created
        self.isPromoted = isPromoted
    }
}

/// A head's version to save.
public struct NewHeadVersion: Sendable {
    public let kind: HeadKind
    /// The classes, in the order of the outputs.
    public let labels: [String]
    /// A safetensors file; the store does not look into it.
    public let tensors: Data
    public let provenance: HeadProvenance
    /// What its evaluation found, in JSON.
    public let metrics: Data?

    public init(kind: HeadKind, labels: [String], tensors: Data, provenance: HeadProvenance, metrics: Data? = nil) {
        self.kind = kind
        self.labels = labels
        self.tensors = tensors
        self.provenance = provenance
        self.metrics = metrics
    }
}
