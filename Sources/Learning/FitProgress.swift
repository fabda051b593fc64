/// One iteration of a fit.
public struct FitProgress: Sendable, Equatable {
    /// 0 is the starting point.
    public let iteration: Int
    /// The objective, divided by the sum of the samples' weights.
    public let loss: Double
    /// The largest component of that objective's gradient.
    public let gradientNorm: Double
    /// The mean loss of the validation samples, where there are any.
    public var validationLoss: Double?
}

/// How a fit went.
public struct FitReport: Sendable, Equatable {
    /// scikit-learn's objective at the result: the weighted losses' sum + λ/2·‖W‖².
    public let objective: Double
    /// ``FitProgress/loss`` at each iteration, the starting point's first.
    public let losses: [Double]
    /// The largest component of the gradient of `losses`' function at the result.
    public let gradientNorm: Double
    /// Whether the solver's tolerance was reached before the iterations ran out; of a perceptron, whether training stopped early.
    public let converged: Bool
}

/// Called between iterations, on the fitting thread. What it throws ends the fit and is thrown by it: `CancellationError()`
/// cancels.
public typealias FitObserver = (FitProgress) throws -> Void
