/// How far a head's training has come.
public struct TrainingProgress: Sendable, Equatable {
    public enum Stage: String, CaseIterable, Codable, Sendable {
        case selectingL2 = "selecting l2"
        case evaluating
        case fitting
        case fittingNovelty = "fitting novelty"
        case inspecting
    }

    public let stage: Stage
    /// 0 … 1 over the whole run; never falls.
    public let fraction: Double
    /// Of the final fit's last iteration: ``FitProgress/loss``; `nil` in other stages.
    public let loss: Double?
}

/// A part of a run's progress, which its work fills from the lower bound to the upper.
struct ProgressSpan {
    var stage: TrainingProgress.Stage
    let range: ClosedRange<Double>
    let observer: (TrainingProgress) throws -> Void

    /// Tells the observer that `part` (0 … 1) of this span's work is done; throws what it throws.
    func report(_ part: Double, loss: Double? = nil) throws {
        let fraction = range.lowerBound + (range.upperBound - range.lowerBound) * min(max(part, 0), 1)
        try observer(TrainingProgress(stage: stage, fraction: min(fraction, range.upperBound), loss: loss))
    }

    /// One span after another, as long as their costs.
    func split(_ costs: [Double]) -> [ProgressSpan] {
        let total = max(costs.reduce(0, +), .leastNormalMagnitude)
        var spent = 0.0
        return costs.map { cost in
            let start = spent / total
            spent += cost
            return ProgressSpan(stage: stage, range: point(start)...point(spent / total), observer: observer)
        }
    }

    func at(_ stage: TrainingProgress.Stage) -> ProgressSpan {
        ProgressSpan(stage: stage, range: range, observer: observer)
    }

    /// For the iterations of a fit, whose number nobody knows: half of the span for the first 30, half of the rest for as many
    /// again.
    func fitObserver(reportingLoss: Bool = false) -> FitObserver {
        { progress in
            let iteration = Double(progress.iteration)
            try report(iteration / (iteration + 30), loss: reportingLoss ? progress.loss : nil)
        }
    }

    private func point(_ part: Double) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * min(part, 1)
    }
}
