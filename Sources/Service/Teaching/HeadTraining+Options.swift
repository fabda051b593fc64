import Learning

extension HeadTraining {
    /// What a job's options ask for.
    init(_ options: FineTuneOptions) {
        let classWeights: ClassWeights =
            switch options.classWeights {
            case .uniform: .uniform
            case .balanced: .balanced
            }
        self.init(
            kind: Kind(options, classWeights), l2: options.l2, classWeights: classWeights,
            standardizes: options.standardize, validation: options.validation, seed: options.seed,
            noveltyMethod: NoveltyDetector.Method(options.novelty))
    }
}

extension HeadTraining.Kind {
    fileprivate init(_ options: FineTuneOptions, _ classWeights: ClassWeights) {
        switch (options.type, options.solver) {
        case (.logistic, .lbfgs):
            self = .logistic(solver: options.iterations.map { .lbfgs(maximumIterations: $0) } ?? .lbfgs())
        case (.logistic, .gradientDescent):
            self = .logistic(
                solver: .gradientDescent(
                    stepSize: options.stepSize, iterations: options.iterations ?? FineTuneOptions.defaultSteps))
        case (.mlp, _):
            var training = PerceptronTraining()
            training.hiddenUnits = options.hiddenUnits ?? training.hiddenUnits
            training.dropout = options.dropout ?? training.dropout
            training.learningRate = options.learningRate ?? training.learningRate
            training.maximumEpochs = options.epochs ?? training.maximumEpochs
            self = .perceptron(training)
        }
    }
}

extension FineTuneOptions {
    /// Of gradient descent.
    static let defaultSteps = 500
}

extension NoveltyDetector.Method {
    /// `nil` for none.
    fileprivate init?(_ option: FineTuneOptions.NoveltyMethod?) {
        switch option {
        case nil: self = .mahalanobis
        case .mahalanobis: self = .mahalanobis
        case .nearestNeighbour: self = .nearestNeighbour
        case .energy: self = .energy
        case .some(.none): return nil
        }
    }
}
