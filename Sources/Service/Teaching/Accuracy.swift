import Foundation

extension HeadVersion {
    /// The part of held-out images that the head was right about; `nil` where it is not known.
    public var accuracy: Double? { metrics.flatMap(Accuracy.init)?.value }
}

extension Job {
    /// The part of held-out images that the job's head was right about; `nil` until it is known.
    public var accuracy: Double? { metrics.flatMap(Accuracy.init)?.value }
}

/// Of ``FineTuneMetrics``, the one number that is shown in lists.
private struct Accuracy: Decodable {
    private struct Validation: Decodable {
        let accuracy: Double
    }

    private let validation: Validation

    var value: Double { validation.accuracy }

    init?(_ metrics: Data) {
        guard let accuracy = try? JSONDecoder().decode(Self.self, from: metrics) else { return nil }
        self = accuracy
    }
}
