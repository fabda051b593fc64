import Foundation

/// What has changed about a running job; `nil` leaves a field as it is.
public struct JobUpdate: Sendable {
    public var stage: String?
    /// From 0 to 1.
    public var progress: Double?
    /// In JSON.
    public var metrics: Data?
    /// All of them so far.
    public var warnings: [String]?

    public init(stage: String? = nil, progress: Double? = nil, metrics: Data? = nil, warnings: [String]? = nil) {
        self.stage = stage
        self.progress = progress
        self.metrics = metrics
        self.warnings = warnings
    }
}

/// How a job ends.
public enum JobOutcome: Sendable {
    /// The new version of the job's head, and whether it is the one to serve from now on.
    case succeeded(NewHeadVersion, promote: Bool)
    case failed(reason: String)
    case cancelled
}
