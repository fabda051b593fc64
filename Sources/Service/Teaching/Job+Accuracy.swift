extension Job {
    /// The part of held-out images that the job's head was right about; `nil` until it is known.
    public var accuracy: Double? { FineTuneMetrics(metrics)?.validation.accuracy }
}
