import Compute
public struct NearDuplicatePair: Sendable { public let image: Int; public let otherImage: Int; public let similarity: Double }
public struct TrainedHead: Sendable {
    public let classifier: Classifier
    public let temperature: Double; public let l2: Double; public let l2WasChosen: Bool
    public let report: FitReport
    public let evaluation: Evaluation
    public let novelty: NoveltyDetector?
    public let suspects: [LabelSuspect]
    public let nearDuplicates: [NearDuplicatePair]
}
public struct HeadTraining: Sendable {
    public enum Kind: Sendable { case logistic(solver: LogisticRegression.Solver), perceptron(PerceptronTraining) }
    public init(kind: Kind, l2: Double?, classWeights: ClassWeights, standardizes: Bool, validation: Double, seed: UInt64, noveltyMethod: NoveltyDetector.Method?) {}
    public func run(_ samples: LabelledFeatures, images: Int, pool: ComputePool?, observer: (TrainingProgress) throws -> Void) throws -> TrainedHead { throw LearningError.tooFewClasses(found: 0) }
}
extension NoveltyDetector.Method { public static let defaultMethod = NoveltyDetector.Method.mahalanobis }
public struct PerceptronTraining: Sendable { public var hiddenUnits = 1, dropout = 0.1, learningRate = 0.1, maximumEpochs = 1; public init() {} }
