import Service

/// An image of a request that has no result, and why.
public struct FailedImage: Sendable {
    public let id: String
    public let filename: String?
    public let failure: ImageFailure
}

extension ImageFailure {
    var problemType: ProblemType {
        switch kind {
        case .unsupported: .unsupportedImage
        case .broken: .brokenImage
        case .tooManyPixels: .tooManyPixels
        case .malformed: .unreadableImage
        case .outOfMemory: .outOfMemory
        }
    }
}

extension JSONWriter {
    /// The `error` of one image: the standard members of a problem.
    mutating func failure(_ failure: ImageFailure) {
        object { writer in
            let type = failure.problemType
            writer.problem(type, status: type.status.code, detail: failure.description)
        }
    }
}
