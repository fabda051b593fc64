/// What a head's training gives.
public struct TrainedHead: Sendable {
    /// Fitted to all images, the temperature folded in.
    public let classifier: Classifier
    /// What the fitted logits were divided by.
    public let temperature: Double
    /// λ of the final fit.
    public let l2: Double
    /// Whether λ was chosen by cross-validation, rather than given.
    public let l2WasChosen: Bool
    /// Of the final fit, before temperature.
    public let report: FitReport
    /// Of heads fitted in the same way to a part of the images.
    public let evaluation: Evaluation
    public let novelty: NoveltyDetector?
    /// Images whose labels are probably wrong, at most 100, the most suspicious first.
    public let suspects: [LabelSuspect]
    /// Images across the evaluation's split that look alike, at most 100, the most similar first.
    public let nearDuplicates: [NearDuplicatePair]
}
