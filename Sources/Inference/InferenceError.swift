import ModelFormats

/// Why an inference was not run, or a model not loaded.
public enum InferenceError: Error, CustomStringConvertible {
    /// The queue already holds `waiting` images of at most `capacity`, which will take `drain`.
    case overloaded(waiting: Int, capacity: Int, drain: Duration)
    /// The images that wait already would not be done in time; they will take `drain`.
    case tooLate(waiting: Int, drain: Duration)
    /// The request's time ended before its images were computed, or is shorter than that takes.
    case deadlinePassed
    /// The server is stopping.
    case stopped
    /// No model of that name is there.
    case unknownModel(String, available: [String])
    /// The model has no such version.
    case unknownVersion(String, model: String, available: [String])
    /// The model was taken out of service.
    case unloaded(String)
    /// The folder cannot be read.
    case unreadable(directory: String, reason: String)
    /// The folder holds no model, but maybe the file of one.
    case noModels(directory: String, looseFile: String?)
    /// A file of the model is missing or wrong, or the loaded model computes something else than it should.
    case modelFailed(path: String, reason: String)

    public var description: String {
        switch self {
        case .overloaded(let waiting, let capacity, _): "the queue is full: \(waiting) of \(capacity) images wait"
        case .tooLate(let waiting, _): "\(waiting) images wait already; this request would not be done in time"
        case .deadlinePassed: "the request's time ended before its answer was computed"
        case .stopped: "the server is stopping"
        case .unknownModel(let name, let available):
            "there is no model '\(name)'; available: \(available.joined(separator: ", "))"
        case .unknownVersion(let version, let model, let available):
            "model '\(model)' has no version '\(version)'; available: \(available.joined(separator: ", "))"
        case .unloaded(let name): "model '\(name)' is unloaded; POST /v2/repository/models/\(name)/load loads it"
        case .unreadable(let directory, let reason): "cannot read the models' folder '\(directory)': \(reason)"
        case .noModels(let directory, let file):
            "no model in '\(directory)': expected a folder '\(directory)/<name>' with a config.json"
                + (file.map { ", found \($0): \(Model.remedy(forLooseFile: $0))" } ?? "")
        case .modelFailed(let path, let reason): reason.contains(path) ? reason : "model '\(path)': \(reason)"
        }
    }
}
