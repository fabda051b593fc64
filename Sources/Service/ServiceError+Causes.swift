import Inference

extension ServiceError {
    /// What the errors of the modules below mean for a request.
    init(_ error: any Error) {
        switch error {
        case let error as ServiceError: self = error
        case InferenceError.unknownModel(let name, let available): self = .unknownModel(name, available: available)
        case InferenceError.overloaded: self = .overloaded(retryAfterSeconds: 1)
        case InferenceError.stopped: self = .stopping
        case is CancellationError: self = .cancelled
        default: self = .failed("\(error)")
        }
    }
}
