import Foundation

/// The training of one head.
public struct Job: Equatable, Sendable, Identifiable {
    /// How many that have ended are kept beside those whose head's version is there. An idempotency key goes with its job.
    public static let limit = 1000

    /// A UUID (RFC 9562) in lower case.
    public let id: String
    /// The names of what is trained, on what, on top of what; dataset and model may have been deleted since.
    public let head: String
    public let dataset: String
    public let model: String
    /// What was asked for, in JSON.
    public let request: Data
    public let state: JobState
    /// What it does now, or did last.
    public let stage: String
    /// From 0 to 1.
    public let progress: Double
    /// In JSON, as far as there are any.
    public let metrics: Data?
    public let warnings: [String]
    /// Why it failed.
    public let error: String?
    /// The version of the head that it made.
    public let headVersion: Int?
    /// How often the process ended while the job ran, without laying it down first.
    public let interruptions: Int
    public let created: Date
    /// When it first ran.
    public let started: Date?
    public let ended: Date?

    public init(
        id: String, head: String, dataset: String, model: String, request: Data, state: JobState, stage: String,
        progress: Double, metrics: Data?, warnings: [String], error: String?, headVersion: Int?,
        interruptions: Int, created: Date, started: Date?, ended: Date?
    ) {
        self.id = id
        self.head = head
        self.dataset = dataset
        self.model = model
        self.request = request
        self.state = state
        self.stage = stage
        self.progress = progress
        self.metrics = metrics
        self.warnings = warnings
        self.error = error
        self.headVersion = headVersion
        self.interruptions = interruptions
        self.created = created
        self.started = started
        self.ended = ended
    }
}

public enum JobState: String, Codable, Sendable, CaseIterable {
    case queued, running, succeeded, failed, cancelled

    /// Nothing changes about the job any more.
    public var isFinal: Bool { self != .queued && self != .running }
}
