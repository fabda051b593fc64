import Compute

public struct HeadTraining: Sendable {
    public enum Kind: Sendable {
        case logistic(solver: LogisticRegression.Solver = .lbfgs())
    }
}
