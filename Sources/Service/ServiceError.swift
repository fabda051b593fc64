/// Why a whole request has no result.
public enum ServiceError: Error, CustomStringConvertible {
    case unknownModel(String, available: [String])
    case unknownLayer(String, model: String, available: [String])
    /// Every class was asked for and then some.
    case topKOutOfRange(Int, classes: Int)
    /// The answer would have more numbers than one answer may.
    case tooManyNumbers(images: Int, dimensions: Int, limit: Int)
    case unknownVersion(String, model: String, available: [String])
    /// The head was trained on other weights, or another model, than were asked for or are there.
    case headNetworkMissing(head: String, model: String, reason: String)
    /// The model is there, but does not answer: it could not be loaded, or was taken out of service.
    case modelUnavailable(reason: String)
    /// Too much waits already; try again after so many seconds.
    case overloaded(reason: String, retryAfterSeconds: Int)
    /// The time that the request gave, or the server's own limit, is over or too short.
    case deadlinePassed
    /// The server is stopping.
    case stopping
    /// The client left.
    case cancelled
    /// A fault of the server's own.
    case failed(String)

    public var description: String {
        switch self {
        case .unknownModel(let name, let available):
            "there is no model '\(name)'; available: \(available.joined(separator: ", "))"
        case .unknownLayer(let name, let model, _):
            "model '\(model)' has no layer '\(name)'; GET /models/\(model) and 'martlet inspect' list them"
        case .topKOutOfRange(let topK, let classes): "top_k must be from 1 to \(classes), found \(topK)"
        case .tooManyNumbers(let images, let dimensions, let limit):
            "\(images) images of \(dimensions) numbers each are more than the \(limit) numbers that one answer may have; "
                + "send fewer images or ask for a smaller layer"
        case .unknownVersion(let version, let model, let available):
            "model '\(model)' has no version '\(version)'; available: \(available.joined(separator: ", "))"
        case .headNetworkMissing(let head, let model, let reason):
            "head '\(head)' classifies what model '\(model)' sees, \(reason)"
        case .modelUnavailable(let reason): reason
        case .overloaded(let reason, let seconds): "\(reason); try again in \(seconds) s"
        case .deadlinePassed: "the request's time was over before its answer was computed; see timeout_ms"
        case .stopping: "the server is stopping"
        case .cancelled: "the request was cancelled"
        case .failed(let reason): reason
        }
    }
}
