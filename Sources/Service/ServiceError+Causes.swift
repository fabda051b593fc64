import Inference

extension ServiceError {
    /// What the errors of the modules below mean for a request.
    init(_ error: any Error) {
        switch error {
        case let error as ServiceError: self = error
        case InferenceError.unknownModel(let name, let available): self = .unknownModel(name, available: available)
        case InferenceError.unknownVersion(let version, let model, let available):
            self = .unknownVersion(version, model: model, available: available)
        case InferenceError.modelFailed(_, let reason): self = .modelUnavailable(reason: reason)
        case InferenceError.unloaded: self = .modelUnavailable(reason: "\(error)")
        case InferenceError.overloaded(_, _, let drain), InferenceError.tooLate(_, let drain):
            self = .overloaded(reason: "\(error)", retryAfterSeconds: max(1, Int((drain / .seconds(1)).rounded(.up))))
        case InferenceError.deadlinePassed: self = .deadlinePassed
        case InferenceError.stopped: self = .stopping
        case is CancellationError: self = .cancelled
        default: self = .failed("\(error)")
        }
    }
}
