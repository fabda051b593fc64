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

extension Problem {
    /// The answer where the whole request fails because of its images: with one image its own problem; with several
    /// 415 where none is an image that is read, else 422 (API.md).
    init(_ failures: [FailedImage], of count: Int) {
        let types = Set(failures.map(\.failure.problemType))
        let type = types.count == 1 && failures.count == count ? types.first ?? .someImagesFailed : .someImagesFailed
        let detail =
            switch (failures.count, count) {
            case (1, 1): failures[0].failure.description
            case (count, _): "none of the \(count) images could be read; 'errors' says why"
            case (1, _): "image \(failures[0].label) failed: \(failures[0].failure.description)"
            default: "\(failures.count) of the \(count) images failed; 'errors' names them"
            }
        self = Problem(type, detail).with("errors", .failures(failures))
    }
}

extension FailedImage {
    fileprivate var label: String { filename.map { "\(id) ('\($0)')" } ?? "'\(id)'" }
}
