import HTTPServer
import HTTPTypes
import Service

extension Problem {
    /// The answer where a whole request fails because of its images: with one image its own problem, with several 422, or 503
    /// where all of them may succeed later.
    init(_ failures: [FailedImage], of count: Int, in request: Request) {
        let mayWorkLater = Set(failures.map(\.failure.kind)) == [.outOfMemory]
        let type = (count == 1 || mayWorkLater ? failures.first?.failure.problemType : nil) ?? .someImagesFailed
        let detail =
            switch (failures.count, count) {
            case (1, 1):
                failures[0].failure.description + (failures[0].failure.concernsBytes ? request.curlHint : "")
            case (count, _): "none of the \(count) images could be read; 'errors' says why"
            case (1, _): "image \(failures[0].label) failed: \(failures[0].failure.description)"
            default: "\(failures.count) of the \(count) images failed; 'errors' names them"
            }
        let problem = Problem(type, detail).with("errors", .failures(failures))
        self = mayWorkLater ? problem.with(.retryAfter, "1") : problem
    }
}

extension ImageFailure {
    /// Whether other bytes than those of an image would explain it.
    fileprivate var concernsBytes: Bool {
        switch kind {
        case .unsupported, .broken, .malformed: true
        case .tooManyPixels, .outOfMemory: false
        }
    }
}

extension FailedImage {
    fileprivate var label: String { filename.map { "\(id) ('\($0)')" } ?? "'\(id)'" }
}

extension Request {
    /// `curl -d` is the first thing to go wrong: it drops line breaks and zeros from files, and sends this media type.
    fileprivate var curlHint: String {
        head.headerFields[.contentType] == "application/x-www-form-urlencoded"
            ? ". If this was curl -d, use --data-binary @file: -d changes the bytes" : ""
    }
}
