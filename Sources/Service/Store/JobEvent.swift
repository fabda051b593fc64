import Foundation

/// Something that happened to a job, as one server-sent event (WHATWG HTML, § 9.2).
public struct JobEvent: Equatable, Sendable {
    /// How many of a job are kept. A client that comes back later than that misses the oldest ones.
    public static let limit = 1000

    /// Counts a job's events from 1.
    public let sequence: Int
    public let name: String
    /// In JSON.
    public let data: Data
    public let time: Date

    public init(sequence: Int, name: String, data: Data, time: Date) {
        self.sequence = sequence
        self.name = name
        self.data = data
        self.time = time
    }
}

/// An event to append to a job's.
public struct NewJobEvent: Sendable {
    public let name: String
    /// In JSON.
    public let data: Data

    public init(name: String, data: Data) {
        self.name = name
        self.data = data
    }
}
