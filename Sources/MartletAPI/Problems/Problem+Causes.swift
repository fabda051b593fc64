import HTTPTypes
import Service

extension Problem {
    /// What an error of the service means for the client.
    init(_ error: ServiceError) {
        switch error {
        case .unknownModel(_, let available):
            self = Problem(.unknownModel, error.description).with("available", .strings(available))
        case .unknownLayer(_, _, let available):
            self = Problem(.unknownLayer, error.description).with("available", .strings(available))
        case .topKOutOfRange(let found, let classes):
            self = .invalidParameter("top_k", expected: "a whole number from 1 to \(classes)", found: "\(found)")
        case .tooManyNumbers: self = Problem(.contentTooLarge, error.description)
        case .unknownVersion(_, _, let available):
            self = Problem(.unknownVersion, error.description).with("available", .strings(available))
        case .headNetworkMissing: self = Problem(.headNetworkMissing, error.description)
        case .modelUnavailable: self = Problem(.modelUnavailable, error.description)
        case .deadlinePassed: self = Problem(.deadlinePassed, error.description)
        case .overloaded(_, let seconds):
            self = Problem(.overloaded, error.description).with(.retryAfter, "\(max(1, seconds))")
        case .stopping: self = Problem(.stopping, "The server finishes what it has begun and takes nothing new.")
        case .cancelled: self = Problem(.requestTimeout, "The client left before the answer was there.")
        case .failed(let reason):
            self = Problem(.internalError, "The server could not compute the answer; its log says why.")
                .caused(by: reason)
        }
    }

    /// - Parameter hint: what to do about it, after the first sentence.
    init(_ error: MultipartError, hint: String = "") {
        if case .tooManyParts(let limit) = error {
            self = Problem(.contentTooLarge, "\(error)").with("limit", .integer(limit))
        } else {
            self = Problem(.malformedRequest, "The multipart body cannot be read: \(error).\(hint)")
        }
    }

    /// A query parameter whose value is not one of those it takes.
    static func invalidParameter(_ name: String, expected: String, found: String) -> Problem {
        let found = found.excerpt()
        return Problem(.invalidParameter, "'\(name)' must be \(expected); found '\(found)'.")
            .with("parameter", .string(name)).with("expected", .string(expected)).with("found", .string(found))
    }
}
