/// Why an inference was not run, or a model not loaded.
public enum InferenceError: Error, CustomStringConvertible {
    /// The queue already holds `waiting` images of at most `capacity`.
    case overloaded(waiting: Int, capacity: Int)
    /// The server is stopping.
    case stopped
    /// No model of that name is loaded.
    case unknownModel(String, available: [String])
    /// Two folders hold a model of the same name.
    case duplicateModel(String, directory: String)
    /// The folder holds no model.
    case noModels(directory: String)
    /// A file of the model is missing or wrong, or the loaded model computes something else than it should.
    case modelFailed(path: String, reason: String)

    public var description: String {
        switch self {
        case .overloaded(let waiting, let capacity): "the queue is full: \(waiting) of \(capacity) images wait"
        case .stopped: "the server is stopping"
        case .unknownModel(let name, let available):
            "there is no model '\(name)'; loaded: \(available.joined(separator: ", "))"
        case .duplicateModel(let name, let directory):
            "two folders in '\(directory)' hold a model '\(name)': change the name in one config.json"
        case .noModels(let directory):
            "no model in '\(directory)': expected a folder '\(directory)/<name>' with a config.json"
        case .modelFailed(let path, let reason): reason.contains(path) ? reason : "model '\(path)': \(reason)"
        }
    }
}
